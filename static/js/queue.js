"use strict";
/* Small helps for the queue and for one order under review. Both pages work without them. */
(() => {
  // --- The queue: where to go on, and what a failed claim says -----------------------------------
  const note = document.getElementById("queue-note");

  // Back from a decision: the focus stands on the next row. Only once the browser has gone there
  // itself, which takes the focus away.
  function goOn() {
    const { hash } = window.location;
    const next = hash.startsWith("#RX-") && document.getElementById(hash.slice(1));
    if (!next) return;
    next.querySelector("a").focus({ preventScroll: true });
    // Without the hash a link to this very address loads the page anew.
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
  }
  window.addEventListener("pageshow", () => setTimeout(goOn));

  function say(text) {
    if (!note) return;
    const line = document.createElement("p");
    line.className = "message message-warning";
    line.textContent = text;
    note.replaceChildren(line);
  }

  // Somebody was faster: the row tells it in place; the button that had the focus is gone.
  document.addEventListener("htmx:afterSwap", (event) => {
    const row = event.detail.target?.id && document.getElementById(event.detail.target.id);
    if (!row?.matches("tr[data-lost]")) return;
    say(row.querySelector(".queue-lost").textContent);
    row.querySelector("a").focus({ preventScroll: true });
  });
  let failure = "";
  function failed(what) {
    const time = new Date().toTimeString().slice(0, 5);
    failure = `${what} at ${time}: nothing was stored.`;
    say(failure);
    look();
  }
  document.addEventListener("htmx:responseError", () => failed("This did not work, try again"));
  for (const kind of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(kind, () => failed("The server did not answer"));
  }
  // The answer of a session that ended is the sign-in page: it has no place in a row.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (new URL(event.detail.xhr.responseURL).pathname.startsWith("/queue/")) return;
    event.detail.shouldSwap = false;
    failed("You were signed out");
  });
  document.addEventListener("htmx:afterSwap", () => {
    failure = "";
    look();
  });

  // --- One order: the claim's last five minutes --------------------------------------------------
  const WARN_BEFORE = 5 * 60 * 1000;
  const warning = document.getElementById("claim-warning");

  function look() {
    const until = warning && document.querySelector("#claim [data-held-until]");
    if (!until) return;
    const left = Date.parse(until.dataset.heldUntil) - Date.now();
    let text = failure;
    if (left <= 0) text = "Your claim has ended. Your ticks are kept; claim the order again to go on.";
    else if (left <= WARN_BEFORE) text ||= "Your claim ends in less than 5 minutes. Ticking or saving keeps it.";
    if (warning.textContent !== text) warning.textContent = text;
  }

  look();
  setInterval(look, 10000);
})();
