// Comforts that no page depends on: what is hidden in the page is shown only where it works.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

addEventListener("beforeprint", () => {
  for (const place of document.querySelectorAll("[data-printed]")) {
    place.textContent = `　${place.dataset.printed}${new Date().toLocaleString("sv").slice(0, 16)}`;
  }
});

// On a telephone to whatever its owner shares with; elsewhere the address is copied. Nobody else's script takes part.
const address = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
for (const button of navigator.share || navigator.clipboard ? document.querySelectorAll("[data-share]") : []) {
  const start = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) return await navigator.share({ title: document.title, url: address });
      await navigator.clipboard.writeText(address);
    } catch {
      return; // the reader thought better of it
    }
    button.textContent = button.dataset.share;
    setTimeout(() => { button.textContent = start; }, 3000);
  });
}

// The look is kept in a cookie of one word. The server knows it too; here it changes without loading the page anew.
// Where the pages are served as plain files, nobody else changes it: there all ways to it are hidden until here.
const root = document.documentElement;
const looks = ["large", "larger", "elder"];
const kept = document.cookie.match(/(?:^|; )egov_look=(large|larger|elder)(?:;|$)/)?.[1] ?? "";

function show(look) {
  root.classList.remove(...looks);
  if (look) root.classList.add(look);
  for (const way of document.querySelectorAll(".sizes [data-look]")) {
    way.toggleAttribute("aria-current", way.dataset.look === (look || "usual"));
    if (way.hasAttribute("aria-current")) way.setAttribute("aria-current", "true");
  }
}

for (const sizes of document.querySelectorAll(".sizes")) sizes.hidden = false;
for (const way of document.querySelectorAll(".sizes [data-look], [data-look][hidden]")) {
  way.hidden = false;
  way.addEventListener("click", (event) => {
    event.preventDefault();
    const look = way.dataset.look === "usual" ? "" : way.dataset.look;
    document.cookie = `egov_look=${look}; path=/; SameSite=Lax; max-age=${look ? 31536000 : 0}`;
    show(look);
  });
}
show(kept);

// Reading aloud, by the voices that the reader's machine has.
const voice = window.speechSynthesis;
for (const button of voice ? document.querySelectorAll("[data-read]") : []) {
  const start = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (voice.speaking) {
      voice.cancel();
      return;
    }
    const parts = document.querySelectorAll("main h1, main .body > *, main .plain-facts, main .lead");
    const said = [...parts].flatMap((part) => part.innerText.split("\n")).filter((line) => line.trim());
    button.textContent = button.dataset.read;
    said.forEach((line, number) => {
      const speech = new SpeechSynthesisUtterance(line);
      speech.lang = root.lang;
      speech.rate = 0.9;
      const end = () => { if (number === said.length - 1 || !voice.speaking) button.textContent = start; };
      speech.addEventListener("end", end);
      speech.addEventListener("error", end);
      voice.speak(speech);
    });
  });
}
addEventListener("pagehide", () => voice?.cancel());
