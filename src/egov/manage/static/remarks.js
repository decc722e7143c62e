// What is selected in a text becomes the passage of a new remark; open remarks' passages are marked where they stand.
"use strict";
const passages = new Map();
const here = document.getElementById("remark-here");
for (const section of document.querySelectorAll(".reading section[data-field]")) {
  const body = section.querySelector(".body, .pre");
  const box = section.querySelector("input[name=passage]");
  if (!body || !box) continue;
  document.addEventListener("selectionchange", () => {
    const chosen = document.getSelection();
    if (chosen.isCollapsed || !body.contains(chosen.anchorNode) || !body.contains(chosen.focusNode)) return;
    box.value = chosen.toString().replace(/\s+/g, " ").trim().slice(0, 300);
    section.querySelector(".remark-new").open = true;
    if (!here) return;
    // The field may stand far below what was chosen: the button leads there.
    here.hidden = false;
    here.onclick = () => section.querySelector(".remark-new textarea").focus();
  });
  for (const remark of section.querySelectorAll("[data-passage]")) {
    if (remark.dataset.passage) passages.set(remark.dataset.passage, body);
  }
}

function place(text, body) {
  // The passage may run over several elements and spaces: compare without spaces, remember where each letter stood.
  const spots = [];
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (let at = 0; at < node.data.length; at += 1) {
      if (!/\s/.test(node.data[at])) spots.push([node, at]);
    }
  }
  const wanted = text.replace(/\s+/g, "");
  const start = spots.map(([node, at]) => node.data[at]).join("").indexOf(wanted);
  if (start < 0 || !wanted) return null;
  const range = new Range();
  range.setStart(...spots[start]);
  const [node, at] = spots[start + wanted.length - 1];
  range.setEnd(node, at + 1);
  return range;
}

if (globalThis.CSS?.highlights && passages.size) {
  const ranges = [...passages].map(([text, body]) => place(text, body)).filter(Boolean);
  CSS.highlights.set("remark", new Highlight(...ranges));
}
