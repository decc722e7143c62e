// Keys of the back office: / finds, ? tells the keys, j and k go through the rows, o opens, x ticks, e edits, c compares,
// Mod+Enter takes the one next step. Nothing listens while somebody types.
"use strict";
const english = document.documentElement.lang === "en";
const words = english
  ? { title: "Keys", close: "Close", none: "not on this page" }
  : { title: "键盘操作", close: "关闭", none: "本页没有" };
const isTyping = (node) => node.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll(".rows tbody tr")].filter((row) => row.querySelector("a"));
const finder = () => document.querySelector("main input[type=search], main [role=search] input:not([type=hidden])") ?? document.querySelector(".top-find input");
let at = -1;

const step = (by) => {
  const all = rows();
  if (!all.length) return;
  const current = all.findIndex((row) => row.contains(document.activeElement));
  at = Math.min(all.length - 1, Math.max(0, (current >= 0 ? current : at) + by));
  for (const row of all) row.classList.toggle("current", row === all[at]);
  all[at].querySelector("a").focus();
  all[at].scrollIntoView({ block: "nearest" });
};
const go = (selector) => document.querySelector(selector)?.click();

const KEYS = [
  ["/", english ? "Find" : "查找", () => finder()?.focus(), finder],
  ["j", english ? "Next row" : "下一行", () => step(1), () => rows().length],
  ["k", english ? "Row before" : "上一行", () => step(-1), () => rows().length],
  ["x", english ? "Tick the row" : "勾选这一行", () => document.activeElement.closest("tr")?.querySelector("input[type=checkbox]")?.click(), () => document.querySelector(".rows input[type=checkbox]")],
  ["e", english ? "Edit" : "编辑", () => go("[data-key=e]"), () => document.querySelector("[data-key=e]")],
  ["c", english ? "Compare with what the public sees" : "与公众正在看的版本比较", () => go("[data-key=c]"), () => document.querySelector("[data-key=c]")],
  ["n", english ? "The next that waits for me" : "下一项待审核", () => go("[data-key=n]"), () => document.querySelector("[data-key=n]")],
  ["g", english ? "To what waits for me" : "待我审核", () => location.assign("/manage/@@inbox"), () => true],
  ["?", english ? "These keys" : "这份说明", () => help(), () => true],
];
const MORE = [
  ["Ctrl + S", english ? "Save" : "保存", () => document.querySelector("form.edit-form")],
  ["Ctrl + Enter", english ? "The next step, such as handing in" : "下一步（如提交审核、审核通过）", () => document.querySelector("[data-next]")],
  ["Ctrl + K", english ? "Put in a link" : "插入链接", () => document.querySelector("textarea.rich")],
  ["Esc", english ? "Close a window or leave a field" : "关闭小窗口", () => true],
];

function help() {
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = Object.assign(document.createElement("h2"), { id: "keys-title", textContent: words.title });
  const list = document.createElement("dl");
  for (const [key, what, ...rest] of [...KEYS, ...MORE]) {
    const name = document.createElement("dt");
    name.append(...key.split(" + ").flatMap((part, number) => [number ? " + " : "", Object.assign(document.createElement("kbd"), { textContent: part })]));
    const told = Object.assign(document.createElement("dd"), { textContent: what });
    if (!rest.at(-1)()) told.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: `（${words.none}）` }));
    list.append(name, told);
  }
  const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-outline-secondary", textContent: words.close });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(title, list, close);
  document.body.append(dialog);
  dialog.showModal();
}

// At the window, after a page's own keys: what they have taken is not taken twice.
addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !document.querySelector("form.edit-form")) {
    const next = document.querySelector("button[data-next]");
    if (next) { event.preventDefault(); next.form.requestSubmit(next); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const wanted = KEYS.find(([key]) => key === event.key);
  if (!wanted) return;
  event.preventDefault();
  wanted[2]();
});

for (const button of document.querySelectorAll("[data-help-keys]")) {
  button.hidden = false;
  button.addEventListener("click", help);
}

// What was typed has come to the server: its copy in this window has served.
const sent = sessionStorage.getItem("egov:sent");
if (sent && document.querySelector(".alert-success")) {
  sessionStorage.removeItem(sent);
  sessionStorage.removeItem("egov:sent");
}
