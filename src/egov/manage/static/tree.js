// The tree at the left: branches open in place and stay open; rows of a list can be dropped on them.
"use strict";
const KEY = "egov-tree";
const tree = document.querySelector(".tree ul");
const known = () => JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
const keep = (uids) => sessionStorage.setItem(KEY, JSON.stringify(uids.slice(-12)));

function below(line) {
  const found = [];
  for (let next = line.nextElementSibling; next?.matches(".line") && +next.dataset.level > +line.dataset.level; next = next.nextElementSibling) {
    found.push(next);
  }
  return found;
}

async function open(line) {
  const twig = line.querySelector(".twig");
  const answer = await fetch(twig.dataset.branch).catch(() => null);
  if (!answer?.ok) return;
  below(line).forEach((child) => child.remove());
  const fresh = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, "text/html").querySelectorAll("li");
  line.after(...[...fresh].map((child) => document.adoptNode(child)));
  twig.setAttribute("aria-expanded", "true");
  keep([...known().filter((uid) => uid !== line.dataset.uid), line.dataset.uid]);
}

function close(line) {
  below(line).forEach((child) => child.remove());
  line.querySelector(".twig").setAttribute("aria-expanded", "false");
  keep(known().filter((uid) => uid !== line.dataset.uid));
}

const isOpen = (line) => line.querySelector(".twig")?.getAttribute("aria-expanded") === "true";

tree?.addEventListener("click", (event) => {
  const twig = event.target.closest(".twig");
  if (twig) (isOpen(twig.parentElement) ? close : open)(twig.parentElement);
});

tree?.addEventListener("keydown", (event) => {
  const line = event.target.closest(".line");
  if (!line) return;
  const focusable = [...tree.querySelectorAll("a")];
  const at = focusable.indexOf(line.querySelector("a"));
  if (event.key === "ArrowRight" && line.querySelector(".twig") && !isOpen(line)) open(line);
  else if (event.key === "ArrowLeft" && isOpen(line)) close(line);
  else if (event.key === "ArrowDown") focusable[at + 1]?.focus();
  else if (event.key === "ArrowUp") focusable[at - 1]?.focus();
  else return;
  event.preventDefault();
});

for (const uid of known()) {
  const line = tree?.querySelector(`.line[data-uid="${CSS.escape(uid)}"]`);
  if (line?.querySelector(".twig") && !isOpen(line)) await open(line);
}

// Dropping: contents.js says what is carried.
let waiting = 0;
tree?.addEventListener("dragover", (event) => {
  const line = event.target.closest(".line");
  if (!line?.dataset.uid || !event.dataTransfer.types.includes("application/x-egov")) return;
  event.preventDefault();
  if (line.classList.contains("drop")) return;
  clearTimeout(waiting);
  tree.querySelectorAll(".drop").forEach((other) => other.classList.remove("drop"));
  line.classList.add("drop");
  waiting = setTimeout(() => line.querySelector(".twig") && !isOpen(line) && open(line), 600);
});
tree?.addEventListener("dragleave", (event) => event.target.closest(".line")?.classList.remove("drop"));
tree?.addEventListener("drop", (event) => {
  const line = event.target.closest(".line");
  const carried = event.dataTransfer.getData("application/x-egov");
  if (!line?.dataset.uid || !carried) return;
  event.preventDefault();
  clearTimeout(waiting);
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${line.querySelector("a").getAttribute("href")}/@@paste`;
  const token = document.querySelector("input[name=csrf_token]").value;
  for (const [name, value] of [["csrf_token", token], ["do", "move"], ...carried.split(",").map((uid) => ["uid", uid])]) {
    const field = document.createElement("input");
    [field.type, field.name, field.value] = ["hidden", name, value];
    form.append(field);
  }
  document.body.append(form);
  form.submit();
});
