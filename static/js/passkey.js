"use strict";
/* Makes or uses a passkey: the form carries the server's question in data-options and takes the
   browser's answer in its field "credential". */
(() => {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const answer = form.elements.namedItem("credential");
    const failed = form.querySelector("[data-failed]");
    const start = form.querySelector("[data-start]");
    const makes = form.dataset.passkey === "make";

    const speak = async () => {
      failed.hidden = true;
      const options = JSON.parse(form.dataset.options);
      try {
        const said = makes ? await webauthnJSON.create(options) : await webauthnJSON.get(options);
        answer.value = JSON.stringify(said);
        form.requestSubmit();
      } catch {
        failed.hidden = false;
      }
    };
    if (start) {
      start.hidden = false;
      start.addEventListener("click", speak);
    } else {
      form.addEventListener("submit", (event) => {
        if (answer.value) return;
        event.preventDefault();
        speak();
      });
    }
  }
})();
