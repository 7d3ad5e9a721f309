// Enter in the search for diagnosis codes finds; it does not send the order's form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.name !== "diagnosis_search" || event.isComposing) return;
  event.preventDefault();
  document.querySelector("button[name=find_diagnosis]")?.click();
});
