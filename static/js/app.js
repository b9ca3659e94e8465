// What every page shares. Everything here only improves a page that already works without it.
const root = document.documentElement;

function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage may be refused; nothing depends on it.
  }
}

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function toggleTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  remember("theme", root.dataset.theme);
}

function toggleNavigation() {
  const folded = root.dataset.nav !== "folded";
  if (folded) root.dataset.nav = "folded";
  else delete root.dataset.nav;
  remember("nav", folded ? "folded" : null);
}

async function copy(button) {
  const text = button.dataset.copy || document.querySelector(button.dataset.copyFrom)?.textContent.trim() || "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // plain HTTP and old browsers
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.innerHTML;
  button.textContent = button.dataset.copied || "✓";
  setTimeout(() => { button.innerHTML = before; }, 1600);
}

function countSelected() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll("[data-select]")];
  const chosen = boxes.filter((box) => box.checked).length;
  bar.querySelector("[data-bulk-count]").textContent = String(chosen);
  bar.classList.toggle("bulk-shown", chosen > 0);
  const all = document.querySelector("[data-select-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

// The advanced filter offers the values of the field that was chosen.
function offerValues(select) {
  const value = select.closest(".conditions-row").querySelector("input");
  const list = "condition-" + select.value;
  if (document.getElementById(list)) value.setAttribute("list", list);
  else value.removeAttribute("list");
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target;
  closeMenus(target);
  if (target.closest("[data-theme-toggle]")) toggleTheme();
  if (target.closest("[data-nav-toggle]")) toggleNavigation();
  if (target.closest("[data-print]")) window.print();
  const closer = target.closest("[data-close-details]");
  if (closer) closer.closest("details").open = false;
  const copier = target.closest("[data-copy], [data-copy-from]");
  if (copier) copy(copier);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.getElementById("listing-search") || document.querySelector("[data-slash-focus]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    if (location.hash === "#menu") location.hash = "#top";
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of document.querySelectorAll("[data-select]")) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-select], [data-select-all]")) countSelected();
  if (event.target.matches(".conditions-row select:first-child")) offerValues(event.target);
});

// A form is sent once: a second press within ten seconds does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method.toLowerCase() !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => { delete form.dataset.sending; form.removeAttribute("aria-busy"); }, 10000);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    delete form.dataset.sending;
    form.removeAttribute("aria-busy");
  }
  countSelected();
});

// Empty filters stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  const { verb, parameters, elt } = event.detail;
  if (verb !== "get" || !elt.matches("form.filters")) return;
  for (const key of Object.keys(parameters)) if (parameters[key] === "") delete parameters[key];
});
document.addEventListener("htmx:afterSwap", countSelected);

// A whole page where a part was asked for: follow it if it is a redirect (signed out), else take only the part.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target, requestConfig } = event.detail;
  if (!/^\s*<!doctype/i.test(xhr.responseText)) return;
  const asked = new URL(requestConfig.path, location.href).pathname;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname !== asked) {
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL.includes("next=") ? pageAfterSigningIn(xhr.responseURL) : xhr.responseURL);
  } else if (target.id && target.id !== "content") {
    event.detail.selectOverride = `#${target.id}`;
  } else {
    event.detail.shouldSwap = false;
  }
});

// After signing in, come back to this page rather than to the fragment.
function pageAfterSigningIn(address) {
  const url = new URL(address);
  url.searchParams.set("next", location.pathname + location.search);
  return url.href;
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    const place = document.querySelector(".flashes");
    if (!place || place.querySelector("[data-trouble]")) return;
    const line = document.createElement("p");
    line.className = "flash flash-warn";
    line.dataset.trouble = "";
    line.textContent = root.lang.startsWith("en")
      ? "This part did not load; check the network and reload the page."
      : "这部分没有加载成功，请检查网络后刷新页面。";
    place.append(line);
  });
}

for (const group of document.querySelectorAll("details[data-remember]")) {
  const key = group.dataset.remember;
  if (recall(key) === "closed" && !group.querySelector("[aria-current]")) group.open = false;
  group.addEventListener("toggle", () => remember(key, group.open ? null : "closed"));
}

document.querySelector("[data-focus]")?.focus();

// A row of tabs that is wider than the screen begins where the reader is.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const row = tab.parentElement;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}
