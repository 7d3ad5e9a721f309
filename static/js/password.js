"use strict";
/* A button that shows the new password while it is typed: one field, and no typing twice. */
for (const field of document.querySelectorAll("input[autocomplete='new-password']")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet btn-small show-password";
  button.setAttribute("aria-controls", field.id);
  const say = () => {
    button.textContent = field.type === "password" ? "Show the new password" : "Hide the new password";
  };
  button.addEventListener("click", () => {
    field.type = field.type === "password" ? "text" : "password";
    say();
  });
  // Hidden again before it is sent, or browsers would keep it among the words typed into text fields.
  field.form.addEventListener("submit", () => { field.type = "password"; });
  say();
  field.after(button);
}
