// Sends what waits in the store, each save under a number of its own, until the server has answered; never two at once.
//
// A row: what the server said last (version, points, comment, state), `mine` (typed since), `sending` (on its way, with
// its nonce), `other` (what stands elsewhere, to be chosen from), `stuck` (why the server does not want it).
const PATIENCE = 15000;
const BEAT = 10000;

const newNonce = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
};

const sameContent = (one, two) => {
  const keys = new Set([...Object.keys(one.points), ...Object.keys(two.points)]);
  const equal = (key) => (one.points[key] ?? "") !== "" && Number(one.points[key]) === Number(two.points[key]);
  const empty = (key) => (one.points[key] ?? "") === "" && (two.points[key] ?? "") === "";
  return one.comment.trim() === two.comment.trim() && [...keys].every((key) => equal(key) || empty(key));
};

const waits = (row) => Boolean(row && (row.sending || row.mine));
const signs = (row) => Boolean(row && ((row.mine && row.mine.step === "sign") || (!row.mine && row.sending && row.sending.step === "sign")));

const openOutbox = ({ store, held, token, person, onChange }) => {
  const state = { token, reach: "online", running: null, again: false };

  const told = (row) => onChange(row, state);

  const refreshToken = async () => {
    const response = await fetch(held, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (response.redirected || !response.ok) throw Object.assign(new Error("signed out"), { reach: "signin" });
    const answer = await response.json();
    if (answer.person !== person) throw Object.assign(new Error("somebody else"), { reach: "signin" });
    state.token = answer.csrf;
    return answer;
  };

  const post = (row) => {
    const { version, nonce, step, points, comment } = row.sending;
    const body = new URLSearchParams({ ...points, version, nonce, step, comment });
    const headers = { "X-CSRFToken": state.token, Accept: "application/json" };
    return fetch(`${row.url}/autosave`, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE) });
  };

  // What was sent now stands on the server in this version.
  const accepted = (row, item, answer) => {
    const left = row.mine && row.mine.at !== item.at ? row.mine : null;
    return {
      ...row, version: answer.version, points: item.points, comment: item.comment, state: answer.state ?? answer.current.state,
      by: item.tab, saved: answer.saved || "", following: answer.following || null, mine: left, sending: null, stuck: null,
    };
  };

  const settle = (item, status, answer) => (row) => {
    if (!row || !row.sending || row.sending.nonce !== item.nonce) return row;
    if (status === 200) return accepted(row, item, answer);
    const mine = row.mine || item;
    const base = { ...row, mine, sending: null };
    if (status === 409 && answer.current) {
      const arrived = sameContent(item, answer.current) && (item.step === "sign") === (answer.current.state === "submitted");
      if (arrived) return accepted(row, item, { ...answer, version: answer.current.version });
      if (item.points && sameContent(mine, answer.current) && mine.step !== "sign") {
        return { ...base, ...answer.current, mine: null };
      }
      return { ...base, mine: { ...mine, step: "save" }, other: answer.current };
    }
    return { ...base, mine: { ...mine, step: "save" }, stuck: { error: answer.error, field: answer.field || null, final: status !== 422 } };
  };

  const deliver = async (id) => {
    const row = await store.change(id, (was) => {
      if (!waits(was) || was.other || was.stuck || was.sending) return was;
      return { ...was, sending: { ...was.mine, nonce: newNonce(), version: was.version } };
    });
    if (!row || !row.sending || row.other || row.stuck) return false;
    let response = await post(row);
    if (response.status === 400) {
      await refreshToken(); // the token was of an older session
      response = await post(row);
    }
    if (response.redirected || response.status === 401) throw Object.assign(new Error("signed out"), { reach: "signin" });
    if (response.status >= 500 || response.status === 429) throw new Error("busy");
    const isJson = (response.headers.get("Content-Type") || "").includes("json");
    const answer = isJson ? await response.json() : { error: "" };
    const now = await store.change(id, settle(row.sending, response.status, answer));
    state.reach = "online";
    told(now);
    return waits(now) && !now.other && !now.stuck;
  };

  const drain = async () => {
    try {
      for (const row of await store.all()) {
        while (await deliver(row.id)); // eslint-disable-line no-empty
      }
      state.reach = "online";
    } catch (error) {
      state.reach = error.reach || "offline";
    }
    const rows = await store.all();
    const waiting = rows.filter(waits).length;
    try {
      localStorage.setItem("ballots:waiting", String(waiting));
    } catch {
      // Only the question before signing out is lost.
    }
    told(null);
  };

  const alone = (work) => (navigator.locks ? navigator.locks.request(`ballots-${person}`, work) : work());

  // Ask for a run; one that is under way is followed by another.
  const send = () => {
    if (state.running) {
      state.again = true;
      return state.running;
    }
    state.running = alone(drain).finally(() => {
      state.running = null;
      if (state.again) {
        state.again = false;
        send();
      }
    });
    return state.running;
  };

  addEventListener("online", send);
  setInterval(async () => {
    if (state.reach !== "online" || (await store.all()).some((row) => waits(row) && !row.other && !row.stuck)) send();
  }, BEAT);
  return { state, send, refreshToken };
};

globalThis.ballots = { ...globalThis.ballots, openOutbox, waits, signs, sameContent };
