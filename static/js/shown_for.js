"use strict";
/* Parts that belong to one answer are shown with it. Without a script every part stands there. */
(() => {
  const parts = [...document.querySelectorAll("[data-shown-for]")];
  const wanted = (part) => {
    const [name, values] = part.dataset.shownFor.split("=");
    const answer = part.closest("form").elements.namedItem(name)?.value ?? "";
    return values.split(",").includes(answer);
  };
  const arrange = () => {
    // What holds an error is never hidden.
    for (const part of parts) part.hidden = !wanted(part) && !part.querySelector(".field-wrong");
  };
  document.addEventListener("change", arrange);
  window.addEventListener("pageshow", arrange);
  arrange();
})();
