// On a phone the tree of sites starts closed, so that the page itself comes first.
"use strict";
if (matchMedia("(max-width: 767px)").matches) {
  document.querySelector(".tree details")?.removeAttribute("open");
}
