// Choosing many rows: all at once, a stretch with Shift; what can be done with them shows when one is chosen.
// Without it the boxes just work.
"use strict";
const all = document.querySelector(".select-all");
const boxes = [...document.querySelectorAll("tbody input[type=checkbox][form=bulk]")];
const told = document.querySelector(".chosen-count");
const bar = told?.closest(".actions");
if (boxes.length) {
  let last = null;
  const show = () => {
    const count = boxes.filter((box) => box.checked).length;
    if (bar) bar.hidden = count === 0;
    if (told) told.textContent = count ? String(count) : "";
    if (all) {
      all.checked = count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
    for (const box of boxes) box.closest("tr").classList.toggle("here", box.checked);
  };
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      show();
    });
  }
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; show(); });
  }
  show();
}
