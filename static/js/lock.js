"use strict";
/* The idle lock as the person sees it: a warning two minutes ahead, then the lock page. The server
   locks by itself; this only tells, and says that somebody is here while a page is being filled in. */
(() => {
  const SOON = 120;
  const TELL_EVERY = 60;
  const token = document.querySelector("form[action='/sign-out/'] [name=csrfmiddlewaretoken]")?.value;
  const isLockPage = document.body.classList.contains("is-locked");
  if (!token || isLockPage) return;

  let acted = false;
  let toldAt = performance.now();
  let warning = null;
  let timer = 0;

  const ask = async (path, method) => {
    const answer = await fetch(path, {
      method,
      headers: { Accept: "application/json", "X-CSRFToken": token },
      redirect: "manual",
      signal: AbortSignal.timeout(5000),
    });
    // Locked, signed out or ended elsewhere: the page shows no longer what it may.
    if (answer.type === "opaqueredirect" || answer.status === 403) return leave();
    return answer.json();
  };
  const leave = () => {
    const here = window.location.pathname + window.location.search;
    window.location.assign(`/account/locked/?next=${encodeURIComponent(here)}`);
    return null;
  };

  // Typing and pointing count; a poll or a page that lies open does not.
  const act = async () => {
    acted = true;
    if (warning || performance.now() - toldAt < TELL_EVERY * 1000) return;
    toldAt = performance.now();
    acted = false;
    try {
      plan(await ask("/account/stay/", "POST"));
    } catch {
      // Away for a moment: the next act tells.
    }
  };

  const plan = (left) => {
    if (!left) return;
    clearTimeout(timer);
    const seconds = Math.min(left.idle, left.whole);
    if (seconds <= 0) leave();
    else if (seconds > SOON) timer = setTimeout(check, (seconds - SOON) * 1000);
    else warn(left, seconds);
  };
  // Another tab may have been used meanwhile, so the server is asked before anybody is warned.
  const check = async () => {
    try {
      plan(acted ? await ask("/account/stay/", "POST") : await ask("/account/session/", "GET"));
      acted = false;
    } catch {
      timer = setTimeout(check, 5000);
    }
  };

  const warn = (left, seconds) => {
    timer = setTimeout(check, seconds * 1000 + 1000);
    if (warning) return;
    document.dispatchEvent(new CustomEvent("scruple:lock-soon", { detail: { seconds } }));
    const ends = left.whole <= left.idle;
    warning = document.createElement("dialog");
    warning.className = "lock-warning";
    warning.setAttribute("aria-labelledby", "lock-title");
    const title = document.createElement("h2");
    title.id = "lock-title";
    title.textContent = ends ? "Your sign-in ends soon" : "Still there?";
    const text = document.createElement("p");
    const at = new Date(Date.now() + seconds * 1000).toTimeString().slice(0, 5);
    text.textContent = ends
      ? `A sign-in lasts 12 hours; this one ends at ${at}. Finish what you are at, then sign in again.`
      : `Nobody used this page for a while. It locks at ${at}; you unlock it by password or passkey and go on here.`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-primary";
    button.textContent = ends ? "Go on until then" : "Stay signed in";
    button.addEventListener("click", () => warning.close());
    warning.addEventListener("close", () => stay(ends));
    warning.append(title, text, button);
    document.body.append(warning);
    warning.showModal();
    button.focus();
  };
  const stay = async (ends) => {
    warning.remove();
    if (ends) return;
    warning = null;
    acted = true;
    await check();
  };

  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, act);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) check();
  });
  check();
})();
