"use strict";
/* The idle lock as the person sees it: a warning two minutes ahead, then the lock. The server locks
   by itself; this tells, and says that somebody is here while a page is being filled in.
   Pages may listen: `scruple:lock-soon` with the warning, `scruple:locking` just before the lock,
   whose detail.wait(promise) takes the saving of a draft; true says it is saved. */
(() => {
  const SOON = 120;
  const EARLY = 5; // the draft is saved while the server still takes it
  const TELL_EVERY = 60;
  const LOCKED = "/account/locked/";
  const token = document.querySelector("form[action='/sign-out/'] [name=csrfmiddlewaretoken]")?.value;
  if (!token || document.body.classList.contains("is-locked")) return;

  let acted = false;
  let unsaved = false;
  let toldAt = performance.now();
  let warning = null;
  let timer = 0;

  const send = (path, method, body) => fetch(path, {
    method,
    body,
    headers: { Accept: "application/json", "X-CSRFToken": token },
    redirect: "manual",
    signal: AbortSignal.timeout(5000),
  });
  const left = async () => {
    const path = acted ? "/account/stay/" : "/account/session/";
    const answer = await send(path, acted ? "POST" : "GET");
    acted = false;
    if (answer.type === "opaqueredirect") leave(); // nobody is signed in any more
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const leave = () =>
    window.location.assign(`${LOCKED}?next=${encodeURIComponent(location.pathname + location.search)}`);
  const later = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(check, Math.max(0, seconds) * 1000);
  };

  // Another tab may have been used meanwhile, so the server is asked before anybody is warned.
  async function check() {
    try {
      toldAt = performance.now();
      const now = await left();
      const seconds = Math.min(now.idle, now.whole);
      if (seconds <= EARLY) return await lock(now.whole <= EARLY);
      else if (seconds <= SOON) warn(seconds, now.whole <= now.idle);
      else {
        warning?.remove();
        warning = null;
      }
      later(seconds > SOON ? seconds - SOON : seconds - EARLY);
    } catch {
      later(5);
    }
  }

  // Typing and pointing count; a poll, or a page that lies open, does not.
  const act = () => {
    acted = !warning;
    if (acted && performance.now() - toldAt > TELL_EVERY * 1000) check();
  };

  const make = (name, words, inside = []) => {
    const made = document.createElement(name);
    made.textContent = words;
    made.append(...inside);
    return made;
  };
  const ask = (title, text, parts) => {
    const dialog = make("dialog", "");
    const heading = make("h2", title);
    heading.id = "lock-title";
    dialog.className = "lock-warning";
    dialog.setAttribute("aria-labelledby", heading.id);
    dialog.append(heading, make("p", text), ...parts);
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  };

  function warn(seconds, ends) {
    if (warning) return;
    document.dispatchEvent(new CustomEvent("scruple:lock-soon", { detail: { seconds } }));
    const at = new Date(Date.now() + seconds * 1000).toTimeString().slice(0, 5);
    const stay = make("button", ends ? "Go on until then" : "Stay signed in");
    stay.type = "button";
    stay.className = "btn btn-primary";
    warning = ends
      ? ask("Your sign-in ends soon", `It lasts 12 hours and ends at ${at}. Send what you are at, then sign in again.`, [stay])
      : ask("Still there?", `Nobody used this page for a while. It locks at ${at}; unlocked, it goes on where you were.`, [stay]);
    const dialog = warning;
    stay.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (ends) return;
      warning = null;
      acted = true;
      check();
    });
    stay.focus();
  }

  // Saved, or nothing typed: on to the lock page. Else the page waits under a cover, as it is.
  async function lock(ends) {
    clearTimeout(timer);
    const savings = [];
    const wait = (promise) => savings.push(promise.catch(() => false));
    document.dispatchEvent(new CustomEvent("scruple:locking", { detail: { wait } }));
    const saved = await Promise.all(savings);
    const form = new FormData();
    form.append("csrfmiddlewaretoken", token);
    await send("/account/lock/", "POST", form).catch(() => null);
    if (unsaved && !saved.includes(true) && !ends) cover();
    else leave();
  }

  function cover() {
    warning?.remove();
    const password = make("input", "");
    Object.assign(password, { type: "password", id: "lock-password", autocomplete: "current-password", className: "form-control" });
    const label = make("label", "Password");
    label.htmlFor = password.id;
    label.className = "form-label";
    const said = make("p", "");
    said.className = "field-message";
    said.setAttribute("role", "alert");
    said.hidden = true;
    const unlock = make("button", "Unlock");
    unlock.className = "btn btn-primary";
    const form = make("form", "", [label, said, password, unlock]);
    form.noValidate = true;
    warning = ask("Locked", "What you typed waits behind this. Unlock, and go on where you were.", [form]);
    warning.classList.add("lock-cover");
    warning.addEventListener("cancel", (event) => event.preventDefault());
    warning.addEventListener("close", () => warning?.showModal());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = new FormData();
      body.append("password", password.value);
      password.value = "";
      const answer = await send(LOCKED, "POST", body).catch(() => null);
      // Who was signed out meanwhile is led away as well: asked once more before anything is shown.
      if (answer?.type === "opaqueredirect" && (await left().catch(() => null))?.idle > 0) return uncover();
      said.hidden = false;
      said.textContent = !answer ? "There is no connection. Try again."
        : answer.status === 429 ? "Too many tries. Wait five minutes."
        : "This is not your password. Type it again.";
      password.focus();
    });
    password.focus();
  }
  function uncover() {
    const dialog = warning;
    warning = null;
    dialog.close();
    dialog.remove();
    check();
  }

  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, act);
  document.addEventListener("input", (event) => {
    if (event.target.form?.method === "post") unsaved = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !warning) check();
  });
  check();
})();
