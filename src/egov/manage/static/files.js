// Files of a draft: many at once, dropped or chosen, each with its progress, replaced in place or taken out.
// Without it the form's own file field sends them with everything else.
"use strict";
const form = document.querySelector("form.edit-form[data-autosave]");
if (form) {
  const words = document.documentElement.lang === "en"
    ? { drop: "Drop files here or choose them", replace: "Replace", remove: "Take out", back: "Put back", first: "Write the title first, then add files.", failed: "Not uploaded: no connection. Choose the file again.", broken: "Not uploaded: the server could not take it. Choose the file again; if this stays so, tell your administrator.", sent: "uploaded" }
    : { drop: "把文件拖到这里，或点上面的按钮选择", replace: "替换", remove: "移除", back: "恢复", first: "请先写标题，再添加文件。", failed: "没有上传：网络不通，请重新选择。", broken: "没有上传：服务器没有收下。请重新选择；一直这样时请告诉管理员。", sent: "已上传" };

  /* One file at a time, after what is being kept; resolves to what the server told. */
  form.attach = (field, file, { instead = "", progress = () => {} } = {}) => new Promise((done, fail) => {
    form.desk.inTurn(() => new Promise((ended) => {
      const sent = new FormData();
      for (const [name, value] of Object.entries({ csrf_token: form.elements.csrf_token.value, version: form.elements.version.value, field, instead })) sent.set(name, value);
      sent.set("upload", file);
      const request = new XMLHttpRequest();
      request.open("POST", form.dataset.attach);
      request.upload.addEventListener("progress", (event) => progress(Math.round((event.loaded / event.total) * 100)));
      request.addEventListener("loadend", () => {
        let facts = null;
        try { facts = JSON.parse(request.responseText); } catch { if (request.status && request.status < 500) form.desk.signedOut(); }
        if (request.status === 200 && facts) {
          form.desk.take(facts);
          done(facts);
        } else {
          if (request.status === 409) form.desk.conflict(facts.message);
          fail(new Error(facts?.message ?? (request.status >= 500 ? words.broken : words.failed)));
        }
        ended();
      });
      request.send(sent);
    }));
  });

  for (const box of form.querySelectorAll(".files-field")) {
    const field = box.querySelector("[name=__start__]").value.split(":")[0];
    const input = box.querySelector("input[type=file]");
    const list = box.querySelector(".kept") ?? box.insertBefore(Object.assign(document.createElement("ul"), { className: "kept" }), input);
    const many = box.dataset.files === "many";
    const status = Object.assign(document.createElement("p"), { className: "visually-hidden" });
    status.setAttribute("role", "status");
    input.after(Object.assign(document.createElement("p"), { className: "help drop-hint", textContent: words.drop }), status);

    const button = (text, label, action) => {
      const made = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-link", textContent: text });
      made.setAttribute("aria-label", label);
      made.addEventListener("click", action);
      return made;
    };
    const dress = (line, name) => {
      const keep = line.querySelector("input[name=keep]");
      const remove = button(words.remove, `${words.remove} ${name}`, () => {
        keep.checked = !keep.checked;
        line.classList.toggle("removed", !keep.checked);
        remove.textContent = keep.checked ? words.remove : words.back;
        keep.dispatchEvent(new Event("input", { bubbles: true }));
      });
      const pick = Object.assign(document.createElement("input"), { type: "file", hidden: true });
      pick.addEventListener("change", () => take([...pick.files], keep.value));
      line.append(...(many ? [button(words.replace, `${words.replace} ${name}`, () => pick.click())] : []), remove, pick);
    };
    const show = (files) => {
      list.replaceChildren(...files.map((file) => {
        const line = document.createElement("li");
        const keep = Object.assign(document.createElement("input"), { type: "checkbox", name: "keep", value: file.id, checked: true, className: "visually-hidden", tabIndex: -1 });
        keep.setAttribute("aria-label", file.name);
        const link = Object.assign(document.createElement("a"), { href: file.url, target: "_blank", textContent: file.name });
        if (file.thumb) link.prepend(Object.assign(document.createElement("img"), { src: file.thumb, alt: "" }));
        line.append(keep, link, Object.assign(document.createElement("span"), { className: "quiet", textContent: ` ${file.size} ` }));
        dress(line, file.name);
        return line;
      }));
    };
    const waiting = (file) => {
      const line = Object.assign(document.createElement("li"), { className: "uploading", textContent: `${file.name} ` });
      const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
      bar.setAttribute("aria-label", file.name);
      line.append(bar);
      return { line, bar };
    };
    const take = async (files, instead = "") => {
      if (!files.length) return;
      input.setCustomValidity("");
      if (!form.dataset.attach) await form.desk.keep();
      if (!form.dataset.attach) { status.className = "field-error"; status.textContent = words.first; return; }
      const lines = files.map((file) => ({ file, ...waiting(file) }));
      list.append(...lines.map(({ line }) => line));
      input.value = "";
      for (const { file, line, bar } of lines) {
        try {
          const facts = await form.attach(field, file, { instead, progress: (done) => { bar.value = done; } });
          const rest = [...list.querySelectorAll(".uploading, .refused")].filter((other) => other !== line);
          show(facts.files);
          list.append(...rest);
          if (facts.replaced) follow(facts.replaced, facts.added.url);
          status.className = "visually-hidden";
          status.textContent = `${file.name} ${words.sent}`;
        } catch (error) {
          line.className = "refused field-error";
          line.setAttribute("role", "alert");
          line.textContent = error.message;
        }
      }
    };
    const follow = (old, now) => {
      // The texts lead to the file that took the other's place, here as on the server.
      for (const editor of window.hugerte?.get() ?? []) {
        const before = editor.getContent();
        const after = before.replaceAll(new RegExp(`${old}[^"/]*(?=")`, "g"), now);
        if (after !== before) editor.setContent(after);
      }
    };

    for (const line of list.querySelectorAll("li")) dress(line, line.dataset.name);
    input.addEventListener("change", () => take([...input.files]));
    box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("over"); });
    box.addEventListener("dragleave", () => box.classList.remove("over"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      box.classList.remove("over");
      take([...event.dataTransfer.files].slice(0, many ? undefined : 1));
    });
  }
}
