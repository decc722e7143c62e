// Blocks are dragged to their place, widths take effect when chosen, the preview shows the page at desk or phone width.
// Everything here can be done by the buttons alone.
"use strict";
const board = document.querySelector("[data-blocks]");
const steps = document.querySelector("#steps");

function send(facts) {
  for (const [name, value] of Object.entries(facts)) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    steps.append(field);
  }
  steps.submit();
}

let dragged = null;
let from = null;
board.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("li");
  from = dragged.nextElementSibling;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.key);
  dragged.classList.add("dragged");
});
board.addEventListener("dragover", (event) => {
  const over = event.target.closest("li");
  if (!dragged) return;
  event.preventDefault();
  if (!over || over === dragged) return;
  const box = over.getBoundingClientRect();
  const beside = Math.abs(event.clientY - dragged.getBoundingClientRect().top) < box.height;
  const after = beside ? event.clientX > box.left + box.width / 2 : event.clientY > box.top + box.height / 2;
  board.insertBefore(dragged, after ? over.nextElementSibling : over);
});
board.addEventListener("drop", (event) => {
  event.preventDefault();
  if (dragged && dragged.nextElementSibling !== from) {
    send({ do: "move", key: dragged.dataset.key, before: dragged.nextElementSibling?.dataset.key ?? 0 });
  }
});
board.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
});

for (const button of board.querySelectorAll("[data-widen]")) {
  button.hidden = true;
  const form = button.form;
  form.elements.width.addEventListener("change", () => form.requestSubmit(button));
}

const frame = document.querySelector(".live-blocks iframe");
for (const choice of document.querySelectorAll(".live-blocks [data-width]")) {
  choice.addEventListener("click", () => {
    frame.parentElement.className = choice.dataset.width === "phone" ? "scaled phone" : "scaled";
    for (const other of document.querySelectorAll(".live-blocks [data-width]")) other.setAttribute("aria-pressed", other === choice);
  });
}
