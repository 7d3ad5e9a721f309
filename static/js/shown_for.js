"use strict";
/* Parts that belong to one answer are shown with it. Without a script every part stands there. */
(() => {
  const parts = [...document.querySelectorAll("[data-shown-for]")];
  const wanted = (part) => {
    const [name, values] = part.dataset.shownFor.split("=");
    const controls = [...part.closest("form").elements].filter((one) => one.name === name);
    const given = controls.filter((one) => !["checkbox", "radio"].includes(one.type) || one.checked);
    return given.some((one) => values.split(",").includes(one.value));
  };
  const arrange = () => {
    // What holds an error is never hidden.
    for (const part of parts) part.hidden = !wanted(part) && !part.querySelector(".field-wrong");
  };
  document.addEventListener("change", arrange);
  window.addEventListener("pageshow", arrange);
  arrange();
})();
