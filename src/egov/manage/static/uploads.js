// Dropping files onto a form's file field, and a sign that they are on their way; without it the form just sends.
"use strict";
for (const field of document.querySelectorAll(".drop, .files-field")) {
  const input = field.querySelector("input[type=file]");
  const list = document.createElement("ul");
  list.className = "chosen-files";
  input.after(list);
  const show = () => {
    list.replaceChildren(...[...input.files].map((file) => {
      const line = document.createElement("li");
      line.textContent = `${file.name} (${Math.ceil(file.size / 1024)} KB)`;
      return line;
    }));
  };
  input.addEventListener("change", show);
  field.addEventListener("dragover", (event) => { event.preventDefault(); field.classList.add("over"); });
  field.addEventListener("dragleave", () => field.classList.remove("over"));
  field.addEventListener("drop", (event) => {
    event.preventDefault();
    field.classList.remove("over");
    const files = new DataTransfer();
    for (const file of input.multiple ? [...input.files, ...event.dataTransfer.files] : [event.dataTransfer.files[0]]) {
      if (file) files.items.add(file);
    }
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", () => form.append(document.createElement("progress")));
}
