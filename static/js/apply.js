"use strict";
/* The account form's comforts: fields shown when an answer asks for them, what was typed kept every
   20 seconds, a time zone suggested. Without a script every field is there and Continue saves. */
(() => {
  const form = document.getElementById("apply-form");

  // This page may be the answer to a sent form. Entered under its own address, going back to it asks
  // for what is saved, and never to send the form again.
  history.replaceState(history.state, "", location.href);

  // --- Fields that another answer asks for. What holds words or an error is never hidden. --------
  const answerTo = (name) => form.elements[name]?.value ?? "";
  const fits = (rule) => {
    const [name, values] = rule.split("=");
    const answer = answerTo(name);
    return values.split(",").some((value) => (value === "*" ? answer !== "" : answer === value));
  };
  const arrange = () => {
    for (const part of form.querySelectorAll("[data-shown-for]")) {
      part.hidden = !fits(part.dataset.shownFor) && !part.querySelector(".field-wrong");
    }
  };
  form.addEventListener("input", arrange);
  form.addEventListener("change", arrange);
  window.addEventListener("pageshow", arrange);
  arrange();

  // --- A time zone for the state: offered, never chosen for anybody. ------------------------------
  const zone = form.querySelector("[data-suggest]");
  const state = zone && document.getElementById(zone.dataset.suggestFrom);
  if (zone && state) {
    const zones = JSON.parse(zone.dataset.suggest);
    const offer = document.createElement("p");
    offer.className = "suggestion";
    offer.setAttribute("role", "status");
    zone.after(offer);
    const suggest = () => {
      const found = [...zone.options].find((option) => option.value === zones[state.value]);
      offer.replaceChildren();
      if (!found || zone.value === found.value) return;
      const use = document.createElement("button");
      use.type = "button";
      use.className = "btn btn-quiet btn-small";
      use.textContent = `Use ${found.text}`;
      use.addEventListener("click", () => {
        zone.value = found.value;
        zone.dispatchEvent(new Event("change", { bubbles: true }));
        zone.focus();
      });
      offer.append(`Most of ${state.selectedOptions[0].text} is on ${found.text}. `, use);
    };
    state.addEventListener("change", suggest);
    zone.addEventListener("change", suggest);
    suggest();
  }

  // --- Nothing typed is lost: kept every 20 s while it changes, and when the page is left. --------
  const said = document.getElementById("kept");
  const EVERY = 20_000;
  let dirty = false;
  let sending = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("change", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; sending = true; });
  const keep = async (leaving) => {
    if (!dirty || sending) return;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        keepalive: leaving,
        redirect: "error",
      });
      if (!answer.ok) throw new Error();
      const now = new Date();
      const two = (number) => String(number).padStart(2, "0");
      said.textContent = `Saved ${two(now.getHours())}:${two(now.getMinutes())}`;
    } catch {
      dirty = true;
      said.textContent = "Not saved: the connection is away. Stay on this page; we try again.";
    }
  };
  setInterval(() => keep(false), EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep(true);
  });
  window.addEventListener("pageshow", () => { sending = false; });
})();
