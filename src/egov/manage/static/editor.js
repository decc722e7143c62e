/* Turns the rich-text fields into editors; without it they stay plain text areas. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  if (!window.hugerte || !document.querySelector("textarea.rich")) return;
  window.hugerte.init({
    selector: "textarea.rich",
    language: document.documentElement.lang === "en" ? undefined : "zh-Hans",
    promotion: false,
    statusbar: false,
    branding: false,
    plugins: "lists link table autolink searchreplace wordcount fullscreen",
    toolbar: "undo redo | blocks | bold italic | alignleft aligncenter alignright | bullist numlist | link table | removeformat fullscreen",
    block_formats: "正文=p;标题=h2;小标题=h3",
    relative_urls: false,
    min_height: 420,
    setup: (editor) => editor.on("input change undo redo", () => {
      editor.save();
      editor.getElement().dispatchEvent(new Event("input", { bubbles: true }));
    }),
  });
  let changed = false;
  const form = document.querySelector("form.edit-form");
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  form.addEventListener("kept", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[name=save]"));
    }
  });
});
