"use strict";
/* Small comforts of every page. Each page works without them. */
(() => {
  // A page that came back with errors: read the summary first.
  document.querySelector("[data-focus-on-load]")?.focus();

  // A second click on a slow line. The server's own guard is what counts; this only spares the wait.
  const SENDING = "data-sending";
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.hasAttribute(SENDING)) {
      event.preventDefault();
      return;
    }
    // After the browser has read the form: a disabled button would not send its own value.
    setTimeout(() => {
      if (event.defaultPrevented) return; // htmx or another script sends it
      form.setAttribute(SENDING, "");
      for (const button of form.querySelectorAll("button:not([disabled])")) {
        button.disabled = true;
        button.setAttribute(SENDING, "");
      }
    });
  });
  // Back brings the page out of memory as it was left: buttons must work again.
  window.addEventListener("pageshow", () => {
    for (const sent of document.querySelectorAll(`[${SENDING}]`)) {
      if (sent instanceof HTMLButtonElement) sent.disabled = false;
      sent.removeAttribute(SENDING);
    }
  });

  // An open menu closes as menus do.
  const openMenu = () => document.querySelector("details.menu[open]");
  document.addEventListener("click", (event) => {
    const menu = openMenu();
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = openMenu();
    if (event.key === "Escape" && menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
