// Hides the fields that the answers so far leave out. Without this file every field is visible and the server decides.
const answersOf = (part) => {
  const controls = [...part.querySelectorAll("input, select, textarea")].filter((each) => each.type !== "hidden" && !each.name.endsWith("-remove"));
  const values = controls
    .filter((each) => (each.type === "checkbox" || each.type === "radio" ? each.checked : each.value.trim() !== ""))
    .map((each) => (each.type === "checkbox" && each.value === "y" ? "yes" : each.value.trim()));
  const token = part.querySelector("input[type=hidden][name$='-token']");
  return token && token.value && values.length === 0 ? [token.value] : values;
};

const holds = (part, answers) => {
  if (!part.dataset.showField) return true;
  const found = answers.get(part.dataset.showField) ?? [];
  if (found.length === 0) return false;
  const wanted = JSON.parse(part.dataset.showValues || "[]");
  if (part.dataset.showOperator === "answered") return true;
  const met = found.some((value) => wanted.includes(value));
  return part.dataset.showOperator === "is_not" ? !met : met;
};

// In the order of the page: a field that is hidden has no answer for those that come after it.
const settle = (form) => {
  const answers = new Map();
  for (const section of form.querySelectorAll(":scope > fieldset")) {
    section.hidden = !holds(section, answers);
    for (const part of section.querySelectorAll("[data-answer]")) {
      part.hidden = !holds(part, answers);
      if (!section.hidden && !part.hidden) answers.set(part.dataset.answer, answersOf(part));
    }
  }
};

for (const form of document.querySelectorAll("[data-answers]")) {
  form.addEventListener("input", () => settle(form));
  form.addEventListener("change", () => settle(form));
  settle(form);
}

// In the builder: of the answers a condition can compare with, only those of the chosen field.
const chooser = document.querySelector("[data-condition-field]");
if (chooser) {
  const operator = document.querySelector("[data-condition-operator]");
  const narrow = () => {
    const compares = operator.value !== "answered";
    for (const list of document.querySelectorAll("[data-condition-values]")) {
      list.hidden = !compares || list.dataset.conditionValues !== chooser.value;
    }
    operator.closest(".field").hidden = chooser.value === "";
  };
  chooser.addEventListener("change", narrow);
  operator.addEventListener("change", narrow);
  narrow();
}

// In the builder: one more row for an option, as many as are wanted.
for (const button of document.querySelectorAll("[data-add-row]")) {
  button.addEventListener("click", () => {
    const rows = document.querySelector(button.dataset.addRow);
    const last = rows.lastElementChild;
    const row = last.cloneNode(true);
    const number = rows.children.length;
    for (const each of row.querySelectorAll("[name], [id], [for]")) {
      for (const key of ["name", "id", "for"]) {
        if (each.hasAttribute(key)) each.setAttribute(key, each.getAttribute(key).replace(/-\d+-/, `-${number}-`));
      }
      if (each.type === "checkbox") each.checked = false;
      else if ("value" in each) each.value = "";
    }
    rows.append(row);
    row.querySelector("input:not([type=hidden])").focus();
  });
}
