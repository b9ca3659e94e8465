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

const screen = document.querySelector("[data-final-screen]");
if (screen) {
  const part = (name) => screen.querySelector(`[data-${name}]`);
  let end = null;
  let version = 0;
  let etag = "";

  const list = (name, rows, right) => {
    part(name).replaceChildren(
      ...rows.map((row) => {
        const line = document.createElement("li");
        for (const text of [`${row.position ?? ""} ${row.title}`, right ? row.score : ""]) {
          const span = document.createElement("span");
          span.textContent = text;
          line.append(span);
        }
        return line;
      }),
    );
  };

  const show = (state) => {
    if (state.version < version) return;
    version = state.version;
    const now = state.current;
    part("position").textContent = now?.position ?? "";
    part("title").textContent = now ? now.title : state.idle;
    part("who").textContent = now?.who ?? "";
    part("phase").textContent = now ? screen.dataset[now.phase] : "";
    part("score").textContent = now?.score ?? "";
    end = now && now.seconds !== null ? performance.now() + now.seconds * SECOND : null;
    list("next", state.next, false);
    list("shown", state.shown, true);
    count();
  };

  const count = () => {
    const clock = part("clock");
    if (end === null) {
      clock.textContent = "";
      return;
    }
    const left = Math.max(0, Math.round((end - performance.now()) / SECOND));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.toggleAttribute("data-over", left === 0);
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
  const tick = async () => {
    try {
      const answer = await get(host.dataset.tick, { method: "POST", headers: { "X-CSRFToken": host.dataset.token } });
      if (answer.ok) {
        const state = await answer.json();
        for (const [id, [all, done]] of Object.entries(state.panels)) {
          const cell = host.querySelector(`[data-panel="${id}"]`);
          if (cell) cell.textContent = `${done} / ${all}`;
        }
        if (String(state.version) !== host.dataset.version) location.reload();
      }
    } catch {
      // asked again below
    }
    setTimeout(tick, 2 * SECOND);
  };
  setTimeout(tick, 2 * SECOND);
}

const judge = document.querySelector("[data-final-judge]");
if (judge) {
  const ask = async () => {
    try {
      const answer = await get(judge.dataset.state, { cache: "no-store" });
      if (answer.ok && String((await answer.json()).version) !== judge.dataset.version) location.reload();
    } catch {
      // asked again below
    }
    setTimeout(ask, 2 * SECOND);
  };
  setTimeout(ask, 2 * SECOND);
}
