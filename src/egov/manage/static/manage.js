// On a phone the side is opened and closed by its button; frame.css keeps it closed at the start.
"use strict";
const toggle = document.querySelector(".side-toggle");
toggle?.addEventListener("click", () => {
  const isOpen = document.getElementById("side").classList.toggle("open");
  toggle.setAttribute("aria-expanded", String(isOpen));
});

// An open menu closes by Escape, which goes back to its name, by a click elsewhere, and when the focus goes on.
const open = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  for (const menu of open()) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});
const leave = (target) => { for (const menu of open()) if (!menu.contains(target)) menu.open = false; };
document.addEventListener("click", (event) => leave(event.target));
document.addEventListener("focusin", (event) => leave(event.target));
