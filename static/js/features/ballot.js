// Saves a ballot two seconds after the last change, links each slider to its number, and shows the running total.
// Without this file the two buttons below the form do the same by themselves.
const form = document.querySelector("form[data-ballot]");
const WAIT = 2000;
const RETRY = 10000;

if (form) {
  const note = document.querySelector("[data-ballot-note]");
  const total = document.querySelector("[data-total]");
  const points = [...form.querySelectorAll("[data-weight]")];
  let timer = 0;
  let saving = false;
  let changed = false;
  let stopped = false;

  const tell = (text, tone = "") => {
    note.textContent = text;
    note.dataset.tone = tone;
  };

  // Whole hundredths, so that the sum shown is the sum counted.
  const showTotal = () => {
    if (points.some((field) => field.value === "" || !field.validity.valid)) {
      total.textContent = "—";
      return;
    }
    const sum = points.reduce(
      (all, field) => all + Math.round((Number(field.value) * Number(field.dataset.weight) * 10000) / Number(field.dataset.max)),
      0,
    );
    total.textContent = String(sum / 10000);
  };

  const askReload = (text) => {
    stopped = true;
    tell(`${text} `, "bad");
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = form.dataset.reload;
    note.append(link);
  };

  const save = async () => {
    clearTimeout(timer);
    if (stopped || saving || !changed) return;
    saving = true;
    changed = false;
    tell(form.dataset.saving);
    try {
      const response = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" },
      });
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      const answer = isJson ? await response.json() : {};
      if (response.ok && isJson) {
        form.elements.version.value = answer.version;
        tell(`${form.dataset.saved} ${answer.saved}`);
      } else if (response.status === 422) {
        tell(answer.error || "", "bad");
      } else {
        askReload(answer.error || form.dataset.failed);
      }
    } catch {
      changed = true;
      tell(form.dataset.failed, "bad");
      timer = setTimeout(save, RETRY);
    }
    saving = false;
    if (changed && !stopped && note.dataset.tone !== "bad") timer = setTimeout(save, WAIT);
  };

  const noteChange = () => {
    changed = true;
    showTotal();
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  };

  for (const range of form.querySelectorAll("[data-range-for]")) {
    const field = document.getElementById(range.dataset.rangeFor);
    range.addEventListener("input", () => {
      field.value = range.value;
      noteChange();
    });
    field.addEventListener("input", () => {
      if (field.value !== "") range.value = field.value;
    });
  }
  form.addEventListener("input", (event) => {
    if (event.target.name) noteChange();
  });
  // Enter goes on to the next criterion instead of submitting half a ballot.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !points.includes(event.target)) return;
    event.preventDefault();
    const next = points[points.indexOf(event.target) + 1] || form.elements.comment;
    next.focus();
    if (next.select) next.select();
  });
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !stopped) event.preventDefault();
  });
  showTotal();
}
