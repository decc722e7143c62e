// Long work that is running: what the page tells is fetched again until it is over.
"use strict";
const told = () => document.getElementById("batch");

async function look() {
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "batch" } }).catch(() => null);
  if (!answer?.ok) {
    setTimeout(look, 5000);
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("batch");
  if (!fresh.dataset.open) {
    location.reload();
    return;
  }
  told().replaceWith(document.adoptNode(fresh));
  setTimeout(look, 1000);
}

setTimeout(look, 700);
