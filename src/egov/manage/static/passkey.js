// Security keys: the browser's own dialog, its answer sent with the form that carries the options.
"use strict";
const form = document.querySelector("form[data-passkey]");
const able = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;
if (form && able) {
  const button = form.querySelector(".passkey");
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    const options = JSON.parse(form.dataset.passkey);
    const problem = form.querySelector(".passkey-error");
    problem.hidden = true;
    try {
      const made = form.dataset.kind === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.passkey.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch {
      problem.hidden = false;
    }
  });
}
