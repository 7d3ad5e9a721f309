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

  // Rows were added, removed or filled in, or another patient was chosen: check anew, and show what
  // belongs to the new answers.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (["steps", "regimen-part", "safety"].includes(event.target.id)) {
      document.body.dispatchEvent(new Event("order:steps"));
    }
    arrange();
  });

  // --- Fields that belong to one answer -----------------------------------------------------------
  const answersTo = (name) =>
    [...form.querySelectorAll(`[name="${name}"]`)]
      .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
      .map((control) => control.value);
  const fits = (rule) => {
    const [name, values] = rule.split("=");
    return answersTo(name).some((answer) =>
      values.split(",").some((value) =>
        value.endsWith("*") ? answer.startsWith(value.slice(0, -1)) : answer === value));
  };
  const isEmpty = (part) =>
    [...part.querySelectorAll("input, select, textarea")].every((control) =>
      control.type === "radio" || control.type === "checkbox" ? !control.checked : !control.value);
  // What holds words or an error is never hidden, unless its half of the page was not chosen.
  const isKept = (part) =>
    part.querySelector(".field-wrong") || (!("shownAlone" in part.dataset) && !isEmpty(part));
  const arrange = () => {
    const asked = (document.getElementById("asks")?.dataset.asks ?? "").split(" ");
    for (const part of form.querySelectorAll("[data-shown-for]")) {
      part.hidden = !(part.dataset.shownFor.split(";").some(fits) || isKept(part));
    }
    for (const part of form.querySelectorAll("[data-asked]")) {
      part.hidden = !(asked.includes(part.dataset.asked) || isKept(part));
    }
    // Once a code is chosen, the other way to choose one is out of the way.
    const list = document.getElementById("diagnosis-from-list");
    list.hidden = answersTo("diagnosis_code").length > 0 && !list.querySelector(".field-wrong") && !form.elements.diagnosis.value;
    for (const part of form.querySelectorAll("[data-without-script]")) {
      part.hidden = part.dataset.withoutScript !== "steps" || mayReplaceSteps();
    }
  };

  // --- A usual titration fills in at once where it replaces nothing that was typed ------------------
  let stepsTyped = false;
  const mayReplaceSteps = () => {
    const box = form.querySelector(".steps-box");
    const doses = [...box.querySelectorAll("[name$='-dose']")];
    return !stepsTyped && ("fromTemplate" in box.dataset || doses.every((dose) => !dose.value));
  };
  form.addEventListener("input", (event) => {
    if (event.target.closest(".steps-box")) stepsTyped = true;
  });
  const titration = document.getElementById("id_titration");
  const fillIn = document.getElementById("use-template");
  titration.addEventListener("change", () => {
    if (titration.value && mayReplaceSteps()) fillIn.click();
  });
  fillIn.addEventListener("click", () => { stepsTyped = false; });

  // --- One diagnosis: the code found, or the condition of the list; "none of these", or some ------
  form.addEventListener("change", ({ target }) => {
    if (target.name === "diagnosis_code") {
      form.elements.diagnosis.value = "";
      form.elements.icd_code.value = "";
    }
    if (target.name === "diagnosis" && target.value) {
      for (const code of form.querySelectorAll("[name=diagnosis_code]")) code.checked = false;
    }
    if (target.name === "cautions" && target.checked) {
      for (const box of form.querySelectorAll("[name=cautions]")) {
        if ((box.value === "none") !== (target.value === "none")) box.checked = false;
      }
    }
    arrange();
  });

  // --- A link to a question that is not shown leads to the answer that shows it --------------------
  const reach = (id) => {
    const part = document.getElementById(id)?.closest("[data-shown-for][hidden]");
    const name = part?.dataset.shownFor.split("=")[0];
    if (name) form.querySelector(`[name="${name}"]`)?.focus();
    document.getElementById(id)?.closest("details")?.setAttribute("open", "");
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link) reach(link.hash.slice(1));
  });

  window.addEventListener("pageshow", arrange);
  arrange();
  if (location.hash) reach(location.hash.slice(1));
})();
