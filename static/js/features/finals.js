// A live final: the big screen counts by itself between two answers, so a lost network stops nothing that is running;
// the host's page keeps the number of ballots fresh; the judge's page opens when another entry is called.
const SECOND = 1000;
const get = async (url, options = {}) => {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 5 * SECOND);
  try {
    return await fetch(url, { ...options, signal: abort.signal, headers: { Accept: "application/json", ...options.headers } });
  } finally {
    clearTimeout(timer);
  }
};

const clockText = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

// A tap that is under way is never swept away by a reload: the next answer asks again.
let touched = -Infinity;
let leaving = -Infinity;
addEventListener("pointerdown", () => (touched = performance.now()), { capture: true, passive: true });
addEventListener("beforeunload", () => (leaving = performance.now()));
const busy = () => performance.now() - touched < SECOND || performance.now() - leaving < 10 * SECOND;

// The page comes back as it was: what had the focus has it again.
const FOCUS = "finals:focus";
const focusable = () => [...document.querySelectorAll("main a[href], main button, main summary, main input")];
const reload = () => {
  if (busy()) return;
  sessionStorage.setItem(FOCUS, String(focusable().indexOf(document.activeElement)));
  location.reload();
};
const place = Number(sessionStorage.getItem(FOCUS) ?? -1);
sessionStorage.removeItem(FOCUS);
if (place >= 0) focusable()[place]?.focus({ preventScroll: true });

const screen = document.querySelector("[data-final-screen]");
if (screen) {
  const part = (name) => screen.querySelector(`[data-${name}]`);
  const MANY = 8;
  let end = null;
  let still = null;
  let version = 0;
  let etag = "";

  const list = (name, rows, right) => {
    part(name).replaceChildren(
      ...rows.map((row) => {
        const line = document.createElement("li");
        for (const text of [row.position ?? "", row.title, right ? row.score : ""]) {
          const span = document.createElement("span");
          span.textContent = text;
          line.append(span);
        }
        return line;
      }),
    );
    part(name).toggleAttribute("data-many", rows.length > MANY);
    part(`${name}-part`).hidden = rows.length === 0;
  };

  const show = (state) => {
    if (state.version < version) return;
    version = state.version;
    const now = state.current;
    part("position").textContent = now?.position ?? "";
    part("title").textContent = now ? now.title : state.idle;
    part("who").textContent = now?.who ?? "";
    part("phase").textContent = now ? screen.dataset[now.paused ? "paused" : now.phase] : "";
    part("score").textContent = now?.score ?? "";
    still = now?.paused ? now.seconds : null;
    end = now && now.seconds !== null && !now.paused ? performance.now() + now.seconds * SECOND : null;
    list("next", state.next, false);
    list("shown", state.shown, true);
    part("side").hidden = state.next.length + state.shown.length === 0;
    count();
  };

  const count = () => {
    const clock = part("clock");
    const left = still ?? (end === null ? null : Math.max(0, Math.ceil((end - performance.now()) / SECOND)));
    const text = left === null ? "" : clockText(left);
    if (clock.textContent !== text) clock.textContent = text;
    clock.toggleAttribute("data-over", left === 0);
    clock.toggleAttribute("data-stopped", still !== null);
  };

  const ask = async () => {
    try {
      const answer = await get(screen.dataset.state, { cache: "no-store", headers: etag ? { "If-None-Match": etag } : {} });
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") || "";
        show(await answer.json());
      }
      part("offline-note").textContent = "";
    } catch {
      part("offline-note").textContent = screen.dataset.offline;
    }
    setTimeout(ask, SECOND);
  };
  setInterval(count, 250);
  ask();
}

const host = document.querySelector("[data-final-host]");
if (host) {
  const clocks = [...host.querySelectorAll("[data-clock]:not([data-paused])")];
  const ends = clocks.map((clock) => performance.now() + Number(clock.dataset.clock) * SECOND);
  setInterval(() => {
    clocks.forEach((clock, i) => {
      const left = Math.max(0, Math.ceil((ends[i] - performance.now()) / SECOND));
      clock.textContent = clockText(left);
      clock.toggleAttribute("data-over", left === 0);
    });
  }, 250);

  // Nobody's half-made decision is swept away: while a question is open, the page only says that it is old.
  const renew = () => {
    if (host.querySelector("details[open]")) document.querySelector("[data-final-stale]").hidden = false;
    else reload();
  };

  const tell = (state) => {
    let complete = false;
    for (const [id, [all, done]] of Object.entries(state.panels)) {
      for (const cell of host.querySelectorAll(`[data-panel="${id}"]`)) {
        if (cell.textContent !== `${done} / ${all}`) cell.textContent = `${done} / ${all}`;
      }
      const bar = host.querySelector(`[data-panel-bar="${id}"]`);
      if (bar) bar.value = done;
      const names = host.querySelector(`[data-missing-of="${id}"]`);
      const missing = state.missing[id] || [];
      if (names) names.textContent = missing.length ? host.dataset.missing + missing.join(host.dataset.between) : "";
      const ready = state.scoring.includes(Number(id)) && all > 0 && done === all;
      complete ||= ready !== Boolean(host.querySelector(`[data-complete="${id}"]`));
    }
    if (complete || String(state.version) !== host.dataset.version) renew();
  };

  const tick = async () => {
    try {
      const answer = await get(host.dataset.tick, { method: "POST", headers: { "X-CSRFToken": host.dataset.token } });
      if (answer.ok) tell(await answer.json());
    } catch {
      // asked again below
    }
    setTimeout(tick, 2 * SECOND);
  };
  setTimeout(tick, 2 * SECOND);
}

const judge = document.querySelector("[data-final-judge]");
if (judge) {
  const note = judge.querySelector("[data-offline-note]");
  const ask = async () => {
    try {
      const answer = await get(judge.dataset.state, { cache: "no-store" });
      note.hidden = true;
      if (answer.ok && String((await answer.json()).version) !== judge.dataset.version) reload();
    } catch {
      note.textContent = judge.dataset.offline;
      note.hidden = false;
    }
    setTimeout(ask, 2 * SECOND);
  };
  setTimeout(ask, 2 * SECOND);
}
