// Writing: what is typed is kept half a second after the last change, one request at a time; this window says that it
// is open and hears who else is; nothing typed is lost when the session has ended or somebody else was faster.
"use strict";
const form = document.querySelector("form.edit-form");
const words = document.documentElement.lang === "en"
  ? { saved: "Saved at", saving: "Saving…", offline: "Not saved: no connection. Your text stays here and will be saved when the connection is back.", gone: "This text can no longer be edited (it may have been handed in). Your words stay here; copy what you need.", login: "You are signed out. Your text stays here.", unsaved: "Not yet saved", merge: "Look at it and merge" }
  : { saved: "已自动保存", saving: "正在保存…", offline: "未保存：网络不通。文字仍在这里，网络恢复后会接着保存。", gone: "这篇稿件现在不能编辑（可能已提交审核）。您写的文字仍在这里，请复制需要的部分。", login: "登录已过期，文字仍在这里。", unsaved: "尚未保存", merge: "查看并合并" };

if (form?.dataset.autosave) {
  const told = form.querySelector(".saved");
  const copyKey = () => `egov:${form.dataset.user}:${new URL(form.action || location.href, location.href).pathname}`;
  const dialog = document.querySelector(".signed-out");
  const people = document.querySelector(".presence");
  const pane = `${Date.now()}-${Math.random()}`.slice(0, 30);
  let timer = 0, stopped = false, changed = false, wrote = false, leaving = false, handing = false;

  /* One thing after the other: an answer brings the version that the next request must name. */
  let queue = Promise.resolve();
  const inTurn = (work) => { queue = queue.then(work, work); return queue; };

  const say = (text, tone = "") => { told.textContent = text; told.dataset.tone = tone; };
  const fields = () => {
    window.hugerte?.triggerSave();
    const sent = new FormData(form);
    for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
    return sent;
  };

  /* A copy in this window, until the server has it. */
  const keepCopy = () => {
    const kept = [...fields()].filter(([name]) => !["csrf_token", "once", "__start__", "__end__", "keep"].includes(name));
    try { sessionStorage.setItem(copyKey(), JSON.stringify({ at: Date.now(), kept })); } catch { /* full: the form still holds it */ }
  };
  const dropCopy = () => sessionStorage.removeItem(copyKey());
  const offerCopy = () => {
    const box = document.querySelector(".kept-copy");
    const found = JSON.parse(sessionStorage.getItem(copyKey()) ?? "null");
    if (!box || !found) return;
    if (document.querySelector("input[name=merged], .alert-danger")) return dropCopy(); // the form itself holds the text
    const now = Object.fromEntries(fields());
    if (found.kept.every(([name, value]) => ["version", "base", "form"].includes(name) || (now[name] ?? "") === value)) return dropCopy();
    box.querySelector(".kept-at").textContent = new Date(found.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    box.hidden = false;
    box.addEventListener("click", (event) => {
      const what = event.target.dataset.copy;
      if (!what) return;
      box.hidden = true;
      if (what === "take") {
        for (const [name, value] of found.kept) {
          const control = form.elements[name];
          if (!control || name === "form") continue;
          control.value = value;
          window.hugerte?.get(control.id)?.setContent(value);
        }
        form.dispatchEvent(new Event("input", { bubbles: true }));
      }
      dropCopy();
    });
  };

  /* What came back from the server after something was kept. */
  const take = (facts) => {
    form.elements.version.value = facts.version;
    if (!form.elements.base) {
      const base = Object.assign(document.createElement("textarea"), { name: "base", hidden: true });
      form.append(base);
    }
    form.elements.base.value = facts.base;
    form.elements.merged?.remove();
    if (facts.urls) begun(facts.urls, facts.uid);
    say(`${words.saved} ${facts.saved}`);
    form.dispatchEvent(new CustomEvent("kept", { detail: facts }));
  };
  const begun = (urls, uid) => {
    // What was a form for something new is now the form of a draft.
    dropCopy();
    form.action = urls.edit;
    history.replaceState(null, "", urls.edit);
    Object.assign(form.dataset, { autosave: urls.autosave, presence: urls.presence, checks: urls.checks, attach: urls.attach, item: uid });
    const live = document.querySelector(".live");
    live.dataset.url = live.querySelector("a").href = urls.preview;
    live.hidden = false;
    document.querySelector(".checks").hidden = false;
    queueMicrotask(look);
  };

  const isSignedOut = (answer) => answer.type === "opaqueredirect" || answer.status === 401;
  const signedOut = (isOther = false) => {
    say(words.login, "warn");
    dialog.querySelector(".other-person").hidden = !isOther;
    if (!dialog.open) dialog.showModal();
  };
  const conflict = (message) => {
    stopped = true;
    say(message, "warn");
    newer(message);
  };
  const newer = (message) => {
    if (people.querySelector(".newer")) return;
    const line = Object.assign(document.createElement("p"), { className: "newer alert alert-warning", textContent: `${message} ` });
    const button = Object.assign(document.createElement("button"), { className: "btn btn-sm btn-outline-primary", type: "button", textContent: words.merge });
    button.addEventListener("click", () => form.requestSubmit(form.querySelector("button[name=save]")));
    line.append(button);
    people.append(line);
  };

  const keep = () => inTurn(async () => {
    if (stopped || !form.elements.title.value.trim()) return;
    clearTimeout(timer);
    say(words.saving);
    changed = false;
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: fields(), redirect: "manual" });
      if (answer.ok) {
        if (!changed) dropCopy();
        return take(await answer.json());
      }
      changed = true;
      if (isSignedOut(answer)) return signedOut();
      if (answer.status === 400) return look(); // another token, after signing in anew
      if (answer.status === 404) { stopped = true; return say(words.gone, "warn"); }
      const { message } = await answer.json();
      if (answer.status === 409) conflict(message); else say(message, "warn");
    } catch {
      changed = true;
      say(words.offline, "warn");
      timer = setTimeout(keep, 5000);
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    changed = wrote = true;
    keepCopy();
    clearTimeout(timer);
    if (!stopped) { say(words.unsaved); timer = setTimeout(keep, 500); }
  });
  form.desk = { inTurn, keep, take, conflict, signedOut, isSignedOut };

  /* Presence, and a token that is good after signing in anew. */
  const look = async () => {
    const asked = new URLSearchParams({ window: pane, version: form.elements.version.value, wrote: wrote ? "1" : "" });
    const headers = wrote ? {} : { "X-Background": "1" };
    wrote = false;
    try {
      const answer = await fetch(`${form.dataset.presence}?${asked}`, { redirect: "manual", headers });
      if (isSignedOut(answer)) { signedOut(); return false; }
      if (answer.status === 404) { say(words.gone, "warn"); return true; }
      if (!answer.ok) return true;
      const facts = await answer.json();
      if (facts.user !== form.dataset.user) { signedOut(true); return false; }
      form.elements.csrf_token.value = facts.csrf;
      if (dialog?.open) dialog.close();
      for (const line of people.querySelectorAll(".other")) line.remove();
      people.prepend(...facts.others.map((text) => Object.assign(document.createElement("p"), { className: "other", textContent: text })));
      if (facts.newer && asked.get("version") === form.elements.version.value) newer(facts.newer);
      if (changed && !stopped && !handing) keep();
      return true;
    } catch {
      return true; // no connection: the submission itself will tell
    }
  };
  look();
  setInterval(() => { if (!document.hidden || changed) look(); }, 20_000);
  window.addEventListener("focus", look);
  dialog.querySelector("[data-retry]").addEventListener("click", look);
  window.addEventListener("pagehide", () => {
    if (!form.elements.version.value) return;
    navigator.sendBeacon(form.dataset.presence, new URLSearchParams({ window: pane, csrf_token: form.elements.csrf_token.value }));
  });

  /* Handing over: only when somebody is signed in, so that no text goes where it is thrown away. */
  form.addEventListener("submit", async (event) => {
    if (leaving) return;
    event.preventDefault();
    clearTimeout(timer);
    const by = event.submitter;
    handing = true; // what is being handed over is not kept beside it: the two would be in each other's way
    keepCopy();
    await queue;
    const isSignedIn = await look();
    handing = false;
    if (!isSignedIn) return;
    await queue;
    leaving = stopped = true;
    sessionStorage.setItem("egov:sent", copyKey());
    form.requestSubmit(by);
  });
  window.addEventListener("beforeunload", (event) => { if (changed && !leaving) event.preventDefault(); });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const wanted = event.key === "s" ? "button[name=save]" : event.key === "Enter" ? "button[name=submit], button[name=save]" : "";
    const button = wanted && form.querySelector(wanted);
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });

  /* What the checks find, after each keeping. */
  const badge = form.querySelector(".check-badge");
  const listed = document.querySelector(".check-box");
  const examine = async () => {
    if (!form.dataset.checks) return;
    const answer = await fetch(form.dataset.checks, { redirect: "manual", headers: { "X-Background": "1" } });
    if (!answer.ok) return;
    listed.innerHTML = await answer.text();
    const count = listed.querySelector(".check-list").dataset.count;
    badge.hidden = count === "0";
    badge.querySelector(".count").textContent = count;
  };
  form.addEventListener("kept", examine);
  listed.addEventListener("click", (event) => {
    const field = event.target.dataset.field && form.elements[event.target.dataset.field];
    if (!field) return;
    event.preventDefault();
    field.closest?.("details")?.setAttribute("open", "");
    if (field.matches?.("textarea.rich") && window.hugerte?.get(field.id)) window.hugerte.get(field.id).focus();
    else field.focus?.();
  });

  window.addEventListener("load", offerCopy);
}
