// The draft as the public would see it, beside its form; it follows what has been kept.
"use strict";
const box = document.querySelector(".live");
const writing = document.querySelector("form[data-autosave]");
if (box && writing) {
  const frame = box.querySelector("iframe");
  const show = () => {
    if (!box.open) return;
    const at = frame.contentWindow?.scrollY ?? 0;
    frame.addEventListener("load", () => frame.contentWindow.scrollTo(0, at), { once: true });
    frame.src = box.dataset.url;
  };
  box.addEventListener("toggle", () => { document.body.classList.toggle("with-live", box.open); show(); });
  writing.addEventListener("kept", show);
  for (const choice of box.querySelectorAll("button[data-width]")) {
    choice.addEventListener("click", () => {
      frame.className = choice.dataset.width;
      for (const other of box.querySelectorAll("button[data-width]")) other.setAttribute("aria-pressed", other === choice);
    });
  }
}
