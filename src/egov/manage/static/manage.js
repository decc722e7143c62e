// On a phone the side is opened and closed by its button; frame.css keeps it closed at the start.
"use strict";
const toggle = document.querySelector(".side-toggle");
toggle?.addEventListener("click", () => {
  const isOpen = document.getElementById("side").classList.toggle("open");
  toggle.setAttribute("aria-expanded", String(isOpen));
});
