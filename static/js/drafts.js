// Keeps what is typed into `form[data-draft-key]` in this browser until the form has been accepted.
// Modules here import nothing: only addresses made by asset() carry the version that lets browsers keep a file for ever.
const PREFIX = "draft:";
const FORGET_AFTER_DAYS = 30;

function fields(form) {
  return [...form.elements].filter(
    (field) => field.name && field.name !== "csrf_token" && !["password", "file", "hidden", "submit", "button"].includes(field.type),
  );
}

function read(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + key));
    return draft && Date.now() - draft.saved < FORGET_AFTER_DAYS * 86400000 ? draft : null;
  } catch {
    return null;
  }
}

function write(key, form) {
  const values = fields(form).map((field) => [
    field.name,
    field.type === "checkbox" || field.type === "radio" ? field.value : "",
    field.type === "checkbox" || field.type === "radio" ? field.checked : field.value,
  ]);
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify({ saved: Date.now(), values }));
    return true;
  } catch {
    return false;
  }
}

// The key of the form whose sending led to this page, once.
function takeSent() {
  try {
    const key = sessionStorage.getItem("sent");
    sessionStorage.removeItem("sent");
    return key;
  } catch {
    return null;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Nothing was kept.
  }
}

function restore(form, draft) {
  for (const field of fields(form)) {
    const choice = field.type === "checkbox" || field.type === "radio";
    const kept = draft.values.find(([name, value]) => name === field.name && (!choice || value === field.value));
    if (!kept) continue;
    if (choice) field.checked = kept[2];
    else if (field.tagName !== "SELECT" || !field.multiple) field.value = kept[2];
  }
}

function note(form, text) {
  const place = form.querySelector("[data-draft-note]");
  if (place) place.textContent = text;
}

const english = document.documentElement.lang.startsWith("en");
const words = english
  ? { saved: "Draft kept in this browser", restored: "Your unfinished draft is back. ", drop: "Start over", unsent: "{n} ballots have not been sent yet and will be lost. Sign out all the same?" }
  : { saved: "草稿已保存在本浏览器", restored: "已恢复上次未交的草稿。", drop: "清空重填", unsent: "还有 {n} 份评分表没有发送，退出后会丢失。仍要退出吗？" };

function offerToDrop(form, key) {
  const place = form.querySelector("[data-draft-note]");
  if (!place) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button";
  button.textContent = words.drop;
  button.addEventListener("click", () => { forget(key); form.reset(); note(form, ""); });
  place.textContent = words.restored;
  place.append(button);
}

// On a shared computer nothing stays behind after signing out.
function forgetAllDrafts() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

// Restore, autosave, and clear: a draft goes once the page that follows its sending is neither an error, nor a sign-in, nor the form again.
function keepDrafts() {
  const forms = [...document.querySelectorAll("form[data-draft-key]")];
  const sent = takeSent();
  const failed = document.querySelector("[data-error-page], body.narrow, form[data-draft-key] .summary") !== null;
  const asksAgain = forms.some((form) => form.dataset.draftKey === sent) && !document.querySelector(".flash-good");
  if (sent && !failed && !asksAgain) forget(sent);
  for (const form of forms) {
    const key = form.dataset.draftKey;
    const draft = read(key);
    const refused = form.querySelector(".summary") !== null; // the server returned what was typed
    if (draft && !refused) {
      restore(form, draft);
      offerToDrop(form, key);
    }
    let timer;
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => { if (write(key, form)) note(form, words.saved); }, 600);
    });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      write(key, form);
      try { sessionStorage.setItem("sent", key); } catch { /* the draft simply stays */ }
    });
  }
}

// A judge's ballots that are held for days without a network go, too; what has not been sent is asked about first.
async function forgetBallots() {
  const bases = indexedDB.databases ? await indexedDB.databases() : [];
  for (const { name } of bases) if (name.startsWith("ballots-")) indexedDB.deleteDatabase(name);
  for (const name of globalThis.caches ? await caches.keys() : []) if (name.startsWith("ballots-")) await caches.delete(name);
  for (const key of ["ballots:person", "ballots:waiting"]) localStorage.removeItem(key);
}

function holdsBallots() {
  try {
    return localStorage.getItem("ballots:person") !== null;
  } catch {
    return false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-forget-drafts")) return;
  if (holdsBallots()) {
    event.preventDefault();
    const waiting = Number(localStorage.getItem("ballots:waiting"));
    if (waiting && !confirm(words.unsent.replace("{n}", waiting))) return;
    forgetBallots().catch(() => {}).finally(() => form.submit());
  }
  forgetAllDrafts();
});
keepDrafts();
