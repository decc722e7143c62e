// The list of a container: choosing, carrying, ordering, each with the mouse and with the keyboard.
"use strict";
const listing = document.querySelector(".listing");
const rows = () => [...(listing?.querySelectorAll("tbody tr") ?? [])];
const boxes = () => [...(listing?.querySelectorAll("input[name=uid]") ?? [])];
const said = document.getElementById("said");
const form = document.getElementById("bulk");
const token = () => document.querySelector("input[name=csrf_token]").value;

// Choosing
const all = document.getElementById("tick-all");
let before = null;

function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  const told = document.getElementById("count");
  if (told) told.textContent = String(chosen);
  if (all) [all.checked, all.indeterminate] = [chosen > 0 && chosen === boxes().length, chosen > 0 && chosen < boxes().length];
  for (const row of rows()) row.classList.toggle("here", row.querySelector("input[name=uid]")?.checked ?? false);
}

function tick(box, withShift) {
  const list = boxes();
  if (withShift && before && list.includes(before)) {
    const [from, to] = [list.indexOf(before), list.indexOf(box)].sort((a, b) => a - b);
    for (const one of list.slice(from, to + 1)) one.checked = box.checked;
  }
  before = box;
  count();
}

listing?.addEventListener("click", (event) => {
  if (event.target.matches("input[name=uid]")) tick(event.target, event.shiftKey);
});
all?.addEventListener("change", () => {
  for (const box of boxes()) box.checked = all.checked;
  count();
});
addEventListener("pageshow", count);

// Density, remembered
const density = document.getElementById("density");
function setDensity(dense) {
  document.body.classList.toggle("dense", dense);
  density?.setAttribute("aria-pressed", String(dense));
}
setDensity(localStorage.getItem("egov-dense") === "1");
density?.addEventListener("click", () => {
  const dense = !document.body.classList.contains("dense");
  localStorage.setItem("egov-dense", dense ? "1" : "");
  setDensity(dense);
});

// Ordering
async function order(row, fields) {
  const body = new URLSearchParams({ csrf_token: token(), name: row.dataset.name, quiet: "1", ...fields });
  const answer = await fetch(listing.dataset.order, { method: "POST", body }).catch(() => null);
  const is_done = answer?.ok ?? false;
  said.textContent = is_done ? said.dataset.moved.replace("{n}", String(rows().indexOf(row) + 1)) : said.dataset.failed;
  if (!is_done) {
    said.className = "alert alert-danger";
    setTimeout(() => location.reload(), 1500);
  }
}

function drop(row) {
  const next = row.nextElementSibling;
  const last = row.previousElementSibling;
  order(row, next ? { before: next.dataset.name } : { after: last?.dataset.name ?? "" });
}

const mayOrder = listing?.dataset.arrange === "1";
let carried = null;
for (const row of rows()) {
  if (row.dataset.moves && listing.querySelector("input[name=uid]")) row.draggable = true;
}
listing?.addEventListener("dragstart", (event) => {
  carried = event.target.closest("tr");
  const chosen = boxes().filter((box) => box.checked).map((box) => box.value);
  const uids = chosen.includes(carried.dataset.uid) ? chosen : [carried.dataset.uid];
  event.dataTransfer.setData("application/x-egov", uids.join(","));
  event.dataTransfer.effectAllowed = "move";
  carried.classList.add("carried");
});
listing?.addEventListener("dragover", (event) => {
  const over = event.target.closest("tbody tr");
  if (!mayOrder || !carried || !over) return;
  event.preventDefault();
  if (over === carried) return;
  const { top, height } = over.getBoundingClientRect();
  over[event.clientY < top + height / 2 ? "before" : "after"](carried);
});
listing?.addEventListener("drop", (event) => {
  if (!mayOrder || !carried) return;
  event.preventDefault();
  drop(carried);
  carried.dataset.dropped = "1";
});
let first = [];
listing?.addEventListener("dragstart", () => { first = rows(); });
addEventListener("dragend", () => {
  if (!carried) return;
  carried.classList.remove("carried");
  if (!carried.dataset.dropped) listing.querySelector("tbody").append(...first); // given up by Escape
  delete carried.dataset.dropped;
  carried = null;
});

// The keyboard
const keys = document.getElementById("keys");
document.getElementById("keys-open")?.addEventListener("click", () => keys.showModal());

const rowHere = () => document.activeElement?.closest?.(".listing tbody tr");
function go(step) {
  const list = rows();
  const at = list.indexOf(rowHere());
  const row = list[Math.min(Math.max(at + step, 0), list.length - 1)];
  row?.querySelector(".cell-title a").focus();
}
function send(name) {
  if (!boxes().some((box) => box.checked)) {
    const box = rowHere()?.querySelector("input[name=uid]");
    if (box) box.checked = true;
  }
  const button = document.querySelector(`[form=bulk][name=do][value=${name}]`);
  if (button && boxes().some((box) => box.checked)) form.requestSubmit(button);
}
const ACTS = {
  j: () => go(1),
  k: () => go(-1),
  x: (event) => {
    const box = rowHere()?.querySelector("input[name=uid]");
    if (!box) return;
    box.checked = !box.checked;
    tick(box, event.shiftKey);
  },
  e: () => rowHere()?.querySelector(".cell-acts a")?.click(),
  "/": () => document.getElementById("words").focus(),
  "?": () => keys.showModal(),
};
document.addEventListener("keydown", (event) => {
  const inField = event.target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (inField || keys?.open) return;
  const row = rowHere();
  if (event.altKey && mayOrder && row?.dataset.moves && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    const up = event.key === "ArrowUp";
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    const focused = document.activeElement;
    if (other) {
      other[up ? "before" : "after"](row);
      focused.focus();
      drop(row);
    }
    event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey) {
    if (getSelection().toString()) return; // text is copied as everywhere
    if (event.key === "x") send("cut");
    else if (event.key === "c") send("copy");
    else if (event.key === "v") document.querySelector(".clip button")?.click();
    else return;
    event.preventDefault();
    return;
  }
  const act = ACTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act && !event.altKey) {
    act(event);
    event.preventDefault();
  }
});
