"use strict";
/* The order form's comforts: the live check's order, and fields shown when an answer asks for them.
   Without a script every field is there and Review runs the same check. */
(() => {
  // This page may be the answer to a sent form. Entered under its own address, going back to it asks
  // for the draft as it is saved, and never to send the form again.
  history.replaceState(history.state, "", location.href);

  const form = document.getElementById("order-form");
  const live = document.getElementById("live-check");

  // Before the idle lock: what is whole enough for Review is saved as a draft, and found again at
  // this form's own address.
  document.addEventListener("scruple:locking", (event) => {
    const sent = fetch(location.href, { method: "POST", body: new FormData(form), redirect: "manual" });
    event.detail.wait(sent.then((answer) => answer.type === "opaqueredirect"));
  });

  // A reply that a later change has overtaken is not shown.
  let sent = 0;
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === live) event.detail.parameters.sequence = String(++sent);
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.elt !== live) return;
    const answered = Number(event.detail.xhr.getResponseHeader("X-Check-Sequence"));
    if (answered < sent) event.detail.shouldSwap = false;
  });

  // Rows were added, removed or filled in: check them, and show what belongs to the new answers.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "steps") return;
    arrange();
    document.body.dispatchEvent(new Event("order:steps"));
  });

  const answerTo = (name) => {
    const control = form.elements[name];
    return control ? control.value : "";
  };
  const fits = (rule) => {
    const [name, values] = rule.split("=");
    const answer = answerTo(name);
    return values.split(",").some((value) =>
      value.endsWith("*") ? answer.startsWith(value.slice(0, -1)) : answer === value);
  };
  const isEmpty = (part) =>
    [...part.querySelectorAll("input, select, textarea")].every((control) =>
      control.type === "radio" || control.type === "checkbox" ? !control.checked : !control.value);
  // What holds words or an error is never hidden, unless its half of the page was not chosen.
  const arrange = () => {
    for (const part of document.querySelectorAll("[data-shown-for]")) {
      const wanted = fits(part.dataset.shownFor);
      const kept = part.querySelector(".field-wrong") || (!("shownAlone" in part.dataset) && !isEmpty(part));
      part.hidden = !(wanted || kept);
    }
  };
  form.addEventListener("change", arrange);
  window.addEventListener("pageshow", arrange);
  arrange();
})();
