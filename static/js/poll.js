"use strict";
/* Asks every five seconds what is new: the bell's count and, on the queue, what became of the rows.
   It only marks things in place; rows never move, and nothing is loaded anew unasked. */
(() => {
  const EVERY = 5000;
  const SPEAK_EVERY = 60000;
  const bell = document.getElementById("bell");
  if (!bell) return; // nobody is signed in
  const bar = document.querySelector("[data-queue-bar]");
  let since = "";
  let timer = 0;
  let failing = null;
  let spokenAt = -SPEAK_EVERY;
  let waiting = "";

  // One quiet region of our own: the bar may change every five seconds, speech once a minute.
  const speech = document.createElement("p");
  speech.className = "visually-hidden";
  speech.setAttribute("role", "status");
  document.body.append(speech);
  bar?.removeAttribute("role");

  function say(text) {
    waiting = text === speech.textContent ? "" : text;
    if (!waiting || performance.now() - spokenAt < SPEAK_EVERY) return;
    spokenAt = performance.now();
    speech.textContent = waiting;
    waiting = "";
  }

  function showBell(unread) {
    const shown = unread > 99 ? "99+" : String(unread);
    const words = unread > 99 ? "more than 99" : String(unread);
    bell.setAttribute("aria-label", unread ? `Notifications, ${words} unread` : "Notifications");
    let count = bell.querySelector(".bell-count");
    if (!count && unread) {
      count = document.createElement("span");
      count.className = "bell-count";
      count.setAttribute("aria-hidden", "true");
      bell.append(count);
    }
    if (count) count.textContent = unread ? shown : "";
    if (count) count.hidden = !unread;
  }

  function showBar(text, link) {
    if (!bar || bar.dataset.shown === text) return;
    bar.dataset.shown = text;
    bar.textContent = text;
    bar.hidden = !text;
    if (!text || !link) return;
    const show = document.createElement("a");
    show.href = window.location.href;
    show.textContent = "show";
    bar.append(" – ", show);
  }

  function markRow(row, order) {
    const holder = row.querySelector("[data-holder]");
    const free = order.state === "submitted" && !order.holder;
    const mine = order.holder === "you";
    const words = order.holder && order.state === "in_review" ? `Held by ${order.holder}` : order.label;
    row.classList.toggle("row-changed", !free && !mine);
    if (holder && (!free || "polled" in holder.dataset)) {
      holder.textContent = free ? "Free again" : words;
      holder.dataset.polled = "";
    }
    for (const button of row.querySelectorAll("button")) {
      if (!free && !mine && !button.disabled) {
        button.disabled = true;
        button.dataset.polled = "";
      } else if ((free || mine) && "polled" in button.dataset) {
        button.disabled = false;
        delete button.dataset.polled;
      }
    }
  }

  function showQueue(queue) {
    for (const order of queue.changed) {
      const row = document.querySelector(`[data-reference="${CSS.escape(order.reference)}"]`);
      if (row) markRow(row, order);
    }
    showBar(queue.new ? `${queue.new} new` : "", true);
  }

  function show(answer) {
    const known = since !== "";
    since = answer.stamp;
    showBell(answer.unread);
    if (answer.queue) showQueue(answer.queue);
    const news = [];
    if (answer.queue?.new) news.push(`${answer.queue.new} new in the queue`);
    if (known && answer.unread) news.push(`${answer.unread} unread notifications`);
    if (news.length) say(news.join(", "));
  }

  function failed() {
    failing ??= new Date();
    if (Date.now() - failing < 3 * EVERY) return;
    const time = failing.toTimeString().slice(0, 5);
    showBar(`Could not refresh since ${time}. Rows may be out of date.`, false);
  }

  async function ask() {
    const url = new URL("/notifications/poll/", window.location.origin);
    if (since) url.searchParams.set("since", since);
    if (bar) url.searchParams.set("queue_since", bar.dataset.queueSince || "0");
    if (bar?.dataset.queue) url.searchParams.set("queue", bar.dataset.queue);
    const answer = await fetch(url, {
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(EVERY),
    });
    // Signed out, or no longer allowed: asking on would be noise.
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return false;
    if (!answer.ok) throw new Error(String(answer.status));
    if (failing) showBar("", false);
    failing = null;
    if (answer.status === 200) show(await answer.json());
    return true;
  }

  async function round() {
    clearTimeout(timer);
    if (document.hidden) return; // asked again when the tab comes back
    let goOn = true;
    try {
      goOn = await ask();
    } catch {
      failed();
    }
    if (waiting) say(waiting);
    clearTimeout(timer);
    if (goOn) timer = setTimeout(round, EVERY);
    else document.removeEventListener("visibilitychange", start);
  }

  // The list of notices is open: what it shows was seen.
  async function tellSeen() {
    const form = document.querySelector("form[data-seen]");
    if (!form || document.hidden) return;
    form.removeAttribute("data-seen");
    try {
      await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    } catch {
      form.setAttribute("data-seen", "");
    }
  }

  async function start() {
    await tellSeen();
    await round();
  }

  document.addEventListener("visibilitychange", start);
  start();
})();
