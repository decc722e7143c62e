// Keeps what is being written half a second after the last change: one request at a time, never a flood.
"use strict";
const form = document.querySelector("form[data-autosave]");
if (form) {
  const told = form.querySelector(".saved");
  const words = document.documentElement.lang === "en"
    ? { saved: "Saved at", saving: "Saving…", lost: "Not saved: no connection. Your text stays here.", login: "You are signed out. Sign in in another window, then go on writing here." }
    : { saved: "已保存", saving: "正在保存…", lost: "未保存：网络不通，文字仍在这里。", login: "登录已过期。请在另一个窗口登录，再回到这里继续写。" };
  let timer = 0, busy = false, again = false, stopped = false;
  const save = async () => {
    if (stopped) return;
    if (busy) { again = true; return; }
    busy = true;
    told.textContent = words.saving;
    window.hugerte?.triggerSave();
    const sent = new FormData(form);
    for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: sent, redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        told.textContent = words.login;
      } else {
        const facts = await answer.json();
        if (answer.ok) {
          form.elements.version.value = facts.version;
          if (form.elements.base) form.elements.base.value = facts.base;
          told.textContent = `${words.saved} ${facts.saved}`;
          form.dispatchEvent(new CustomEvent("kept"));
        } else {
          told.textContent = facts.message;
          stopped = answer.status === 409;
        }
      }
    } catch {
      told.textContent = words.lost;
    }
    busy = false;
    if (again) { again = false; timer = setTimeout(save, 500); }
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(save, 500); };
  form.addEventListener("input", later);
  form.addEventListener("submit", () => { stopped = true; clearTimeout(timer); });
}
