// The page of a gate: decides from what it keeps, writes every scan down first, hands the queue in when there is a network.
const root = document.querySelector("[data-gate]");
const { rules, openStore, startCamera } = globalThis.checkin;
const BATCH = 200;
const PATIENCE = 1500; // how long somebody at the gate waits for the server before the phone decides
const BEAT = 15000;
const MOST_FOUND = 8;

const texts = JSON.parse(root.dataset.texts);
const sentences = JSON.parse(root.dataset.sentences);
const chinese = document.documentElement.lang.startsWith("zh");
const one = (name, within = root) => within.querySelector(`[data-${name}]`);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => (key in values ? values[key] : all));
const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
const named = (thing) => (chinese ? thing.name : thing.name_en || thing.name);

const state = {
  store: null,
  head: null,
  etag: "",
  blocks: {},
  guests: new Map(),
  byCode: new Map(),
  byPhone: new Map(),
  known: new Map(),
  own: new Map(),
  offset: null,
  token: root.dataset.token,
  reachable: navigator.onLine,
  sending: null,
  direction: "in",
  list: null,
  pending: 0,
  trusted: true,
  gone: false,
};

const now = () => Date.now() + (state.offset || 0);
const newNonce = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
};
const listNow = () => (state.head ? state.head.lists.find((list) => list.id === state.list) || state.head.lists[0] : null);

// --- what is kept -----------------------------------------------------------------------------------------------------

const guestOf = ([id, name, organisation, audience, standing, code, phone, tags, pools]) => ({
  id, name, organisation, audience, standing, code, phone, tags, pools,
});

const index = () => {
  const half = state.head.blocks.length / 2;
  state.guests.clear();
  state.byCode.clear();
  state.byPhone.clear();
  state.known.clear();
  for (let at = 0; at < half; at += 1) {
    for (const row of JSON.parse(state.blocks[at])) {
      const guest = guestOf(row);
      state.guests.set(guest.id, guest);
      state.byCode.set(guest.code, guest);
      if (guest.phone) state.byPhone.set(guest.phone, [...(state.byPhone.get(guest.phone) || []), guest]);
    }
    for (const [list, id, first, inside] of JSON.parse(state.blocks[at + half])) {
      state.known.set(`${list}:${id}`, { first, inside });
    }
  }
};

const genuine = async (head, signature) => {
  if (!globalThis.crypto.subtle) return true; // without HTTPS there is nothing to check with; the page says so
  const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const kind = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("spki", bytes(root.dataset.publicKey), kind, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes(signature), new TextEncoder().encode(head));
};

// Take a head and its blocks into use; false when the signature or a block is not what it should be.
const use = async (head, signature, blocks) => {
  if (!(await genuine(head, signature))) return false;
  const read = JSON.parse(head);
  const whole = read.blocks.every((mark, at) => at in blocks && rules.sha256(blocks[at]).slice(0, 32) === mark);
  if (!whole || String(read.gate) !== root.dataset.gate) return false;
  state.head = read;
  state.blocks = Object.fromEntries(read.blocks.map((_mark, at) => [at, blocks[at]]));
  index();
  return true;
};

const restore = async () => {
  const kept = await state.store.snapshot();
  state.offset = kept.offset ?? null;
  for (const pass of await state.store.passes()) state.own.set(pass.nonce, pass);
  if (!kept.head) return;
  if (JSON.parse(kept.head).wipe <= now()) return wipe(texts.ended);
  const blocks = Object.fromEntries(Object.keys(kept).filter((key) => key.startsWith("b")).map((key) => [key.slice(1), kept[key]]));
  if (await use(kept.head, kept.signature, blocks)) state.etag = kept.etag;
  else await state.store.wipe();
};

const wipe = async (why) => {
  state.gone = true;
  state.head = null;
  state.etag = "";
  state.blocks = {};
  for (const kept of [state.guests, state.byCode, state.byPhone, state.known, state.own]) kept.clear();
  await state.store.wipe();
  const worker = navigator.serviceWorker && (await navigator.serviceWorker.getRegistration("/checkin/"));
  if (worker && worker.active) worker.active.postMessage({ wipe: true });
  say(why);
  show();
};

// --- the network ------------------------------------------------------------------------------------------------------

const measure = (server, before) => {
  if (!Number.isFinite(server) || server <= 0) return;
  state.offset = Math.round(server - (before + Date.now()) / 2);
};

const refresh = async () => {
  const before = Date.now();
  const handed = [...state.own.values()].filter((pass) => pass.handed).map((pass) => pass.nonce);
  const have = state.head ? `?have=${state.head.blocks.map((mark) => mark.slice(0, 8)).join(".")}` : "";
  const headers = state.etag ? { "If-None-Match": `"${state.etag}"` } : {};
  const response = await fetch(root.dataset.snapshot + have, { headers, cache: "no-store" });
  state.reachable = true;
  if (response.status === 410) return wipe(texts.revoked);
  if (response.status !== 304 && !response.ok) return undefined;
  measure(Number(response.headers.get("X-Now")), before);
  state.token = response.headers.get("X-CSRFToken") || state.token;
  if (response.status === 304) return state.store.keep({ offset: state.offset }, []);
  const { head, signature, blocks } = await response.json();
  if (!(await use(head, signature, { ...state.blocks, ...blocks }))) {
    state.trusted = false;
    state.etag = "";
    state.head = null;
    return say(texts.untrusted);
  }
  state.trusted = true;
  state.gone = false;
  state.etag = (response.headers.get("ETag") || "").replace(/^W\//, "").replaceAll('"', "");
  const entries = Object.fromEntries(Object.entries(blocks).map(([at, text]) => [`b${at}`, text]));
  await state.store.keep({ ...entries, head, signature, etag: state.etag, offset: state.offset }, handed);
  for (const nonce of handed) state.own.delete(nonce);
  return undefined;
};

const post = (items, signal) =>
  fetch(root.dataset.sync, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": state.token },
    body: JSON.stringify({ now: Date.now(), items }),
    signal,
  });

// Hand entries in; the answers by nonce, or null when nothing can be said about them now.
const hand = async (items, signal) => {
  let response = await post(items, signal);
  if (response.status === 400) {
    state.etag = "";
    await refresh(); // the token was of an older session
    response = await post(items, signal);
  }
  state.reachable = true;
  if (response.status === 410) {
    await wipe(texts.revoked);
    return null;
  }
  if (!response.ok) return null;
  const { results, csrf } = await response.json();
  state.token = csrf || state.token;
  const answers = new Map(results.map((result) => [result.nonce, result]));
  const done = items.filter((item) => answers.has(item.nonce) && !answers.get(item.nonce).error);
  const stuck = items.filter((item) => answers.has(item.nonce) && answers.get(item.nonce).error && item.shown !== null);
  const asked = items.filter((item) => answers.has(item.nonce) && answers.get(item.nonce).error && item.shown === null);
  const handed = done.map((item) => state.own.get(item.nonce)).filter(Boolean);
  for (const pass of handed) pass.handed = true;
  await state.store.taken(
    [...done, ...asked].map((item) => item.nonce),
    stuck.map((item) => ({ ...item, error: answers.get(item.nonce).error })),
    handed,
  );
  return answers;
};

const flush = async () => {
  for (;;) {
    const waiting = (await state.store.queue()).filter((item) => !item.error && !item.asking);
    if (!waiting.length) return;
    const batch = waiting.sort((a, b) => a.at - b.at).slice(0, BATCH);
    const answers = await hand(batch);
    await count();
    if (!answers || !batch.some((item) => answers.has(item.nonce))) return;
  }
};

// One at a time: first what is to be handed in, then what is new.
const beat = () => {
  if (state.sending) return state.sending;
  state.sending = (async () => {
    try {
      await flush();
      if (!state.gone || state.reachable) await refresh();
    } catch {
      state.reachable = false;
    } finally {
      state.sending = null;
      show();
    }
  })();
  return state.sending;
};

// --- a verdict --------------------------------------------------------------------------------------------------------

const pastOf = (list, guest) => {
  const mine = [...state.own.values()].filter((pass) => pass.list === list && pass.attendee === guest.id);
  return rules.pastOf(mine, state.known.get(`${list}:${guest.id}`));
};

const findByCode = (text) => {
  const code = rules.codeOf(text);
  return code && state.head ? state.byCode.get(rules.codeMark(code, state.head.salt)) || null : null;
};

// What this device says by itself.
const judge = (guest, direction, moment) => {
  const list = listNow();
  if (!list) return { accepted: false, reason: "unknown", time: null, tags: [] };
  const past = guest ? pastOf(list.id, guest) : { first: null, inside: null };
  return rules.verdict(list.rule, guest, past, direction, moment);
};

const passOf = (item, guest, said) =>
  said.accepted && guest
    ? { nonce: item.nonce, list: item.list, attendee: guest.id, direction: item.direction, moment: item.at + (state.offset || 0) }
    : null;

const write = async (item, guest, said) => {
  const pass = passOf(item, guest, said);
  if (pass) state.own.set(item.nonce, pass);
  else state.own.delete(item.nonce);
  await state.store.note(item, pass);
};

const ask = async (item) => {
  if (!state.reachable || !navigator.onLine) return null;
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), PATIENCE);
  try {
    const answers = await hand([item], waiting.signal);
    return answers && answers.get(item.nonce);
  } catch {
    state.reachable = false;
    return null;
  } finally {
    clearTimeout(timer);
  }
};

const settle = async (item, guest, local) => {
  await write({ ...item, asking: true }, guest, local);
  const answer = await ask(item);
  if (!answer) {
    const offline = { ...item, shown: local.accepted, reason: local.reason };
    await write(offline, guest, local);
    return { ...local, offline: true };
  }
  if (answer.error) {
    await state.store.drop(item.nonce);
    state.own.delete(item.nonce);
    return { accepted: false, reason: "", error: answer.error, tags: [], time: null };
  }
  if (answer.accepted) {
    const known = guest || (answer.attendee && { id: answer.attendee.id });
    const pass = passOf(item, known, answer);
    if (pass) state.own.set(item.nonce, { ...pass, handed: true });
  } else {
    state.own.delete(item.nonce);
  }
  return answer;
};

const newItem = (values) => ({
  nonce: newNonce(),
  list: listNow() ? listNow().id : 0,
  direction: state.direction,
  at: Date.now(),
  offset: state.offset,
  shown: null,
  code: "",
  ...values,
});

const scan = async (text, picked = null) => {
  if (!listNow()) return say(texts.empty);
  const guest = picked || findByCode(text);
  const item = newItem(picked ? { attendee: picked.id } : { code: text.slice(0, 64) });
  const local = judge(guest, item.direction, item.at + (state.offset || 0));
  const said = await settle(item, guest, local);
  tell(said, guest || said.attendee, { text, picked });
  return said;
};

const force = async ({ text, picked }, guest, why) => {
  const values = { shown: true, forced: true, force_reason: why };
  const item = newItem(picked ? { ...values, attendee: picked.id } : { ...values, code: text.slice(0, 64) });
  const known = guest && state.guests.get(guest.id);
  const said = { accepted: true, reason: item.direction === "out" ? "goodbye" : "welcome", tags: [], time: null, forced: true };
  await write(item, known || null, said);
  tell(said, guest, { text, picked });
  beat();
};

const walkIn = async (person) => {
  if (!listNow()) return say(texts.empty);
  const item = newItem({ walk_in: person, direction: "in" });
  const local = { accepted: true, reason: "welcome", tags: [], time: null };
  const said = await settle(item, null, local);
  tell(said, person, {}, said.offline ? texts.laterChecked : "");
  return said;
};

// --- what is shown ----------------------------------------------------------------------------------------------------

const sentenceOf = (said) =>
  said.error || fill(sentences[said.reason] || "", { time: said.time ? clock.format(said.time) : "", tags: (said.tags || []).join("、") });

const say = (text) => {
  one("note").textContent = text;
  one("note").hidden = !text;
};

const tell = (said, person, scanned, more = "") => {
  const box = one("result");
  box.hidden = false;
  box.dataset.tone = said.accepted ? "good" : "bad";
  one("word").textContent = said.accepted ? (state.direction === "out" ? texts.out : texts.pass) : texts.stop;
  one("person").textContent = person && person.name ? person.name : "";
  one("organisation").textContent = person && person.organisation ? person.organisation : "";
  one("sentence").textContent = sentenceOf(said);
  one("more").textContent = [said.forced ? texts.forced : "", said.offline ? texts.offlineVerdict : "", more].filter(Boolean).join(" ");
  const forcing = one("force");
  forcing.hidden = said.accepted || !state.head || !state.head.force || !(scanned.text || scanned.picked);
  forcing.onsubmit = (event) => {
    event.preventDefault();
    const why = forcing.elements.why.value.trim();
    if (why) force(scanned, person, why);
    forcing.reset();
  };
  const line = document.createElement("li");
  line.textContent = `${clock.format(now())} ${said.accepted ? "✓" : "✗"} ${person && person.name ? person.name : scanned.text || ""} ${sentenceOf(said)}`;
  one("recent").prepend(line);
  while (one("recent").children.length > 10) one("recent").lastChild.remove();
  if (navigator.vibrate) navigator.vibrate(said.accepted ? 60 : [80, 60, 80]);
  one("found").replaceChildren();
  count();
  focus();
};

const masked = (name) => name.slice(0, 1) + "＊".repeat(Math.max(1, Math.min(name.length - 1, 3)));

const offer = (guests, hidden) => {
  const rows = guests.slice(0, MOST_FOUND).map((guest) => {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = [hidden ? masked(guest.name) : guest.name, guest.organisation].filter(Boolean).join(" · ");
    button.onclick = () => scan("", guest);
    row.append(button);
    return row;
  });
  one("found").replaceChildren(...rows);
  if (!rows.length) say(texts.nobody);
  else if (guests.length > MOST_FOUND) say(fill(texts.tooMany, { n: guests.length }));
};

const search = (text) => {
  if (!state.head) return say(texts.empty);
  if (/^\d{4}$/.test(text)) return offer(state.byPhone.get(rules.phoneMark(text, state.head.salt)) || [], true);
  const words = text.toLowerCase();
  return offer([...state.guests.values()].filter((guest) => guest.name && guest.name.toLowerCase().includes(words)), false);
};

const count = async () => {
  const queue = await state.store.queue();
  const stuck = queue.filter((item) => item.error);
  state.pending = queue.length - stuck.length;
  one("pending").textContent = state.pending ? fill(texts.pending, { n: state.pending }) : texts.allSent;
  one("stuck").hidden = !stuck.length;
  one("stuck-list").replaceChildren(
    ...stuck.map((item) => {
      const row = document.createElement("li");
      row.textContent = `${clock.format(item.at)} ${item.walk_in ? item.walk_in.name : item.code} ${item.error}`;
      return row;
    }),
  );
};

const show = async () => {
  const online = state.reachable && navigator.onLine;
  one("network").textContent = online ? texts.online : texts.offline;
  one("network").dataset.tone = online ? "good" : "warn";
  one("guests").textContent = state.head
    ? fill(texts.guests, { n: state.head.count, time: clock.format(state.head.made) })
    : texts.empty;
  const lists = state.head ? state.head.lists : [];
  const select = one("lists");
  if (select.dataset.shown !== JSON.stringify(lists.map((list) => list.id))) {
    select.replaceChildren(...lists.map((list) => new Option(named(list), list.id)));
    select.dataset.shown = JSON.stringify(lists.map((list) => list.id));
    state.list = listNow() ? listNow().id : null;
    select.value = String(state.list);
    one("which").hidden = lists.length < 2;
  }
  one("walk-in").hidden = !state.head || !state.head.add;
  const groups = one("audiences");
  if (state.head && groups.options.length !== state.head.audiences.length) {
    groups.replaceChildren(...state.head.audiences.map((audience) => new Option(named(audience), audience.id)));
    groups.closest(".field").hidden = state.head.audiences.length < 2;
  }
  await count();
};

const focus = () => {
  if (matchMedia("(pointer: fine)").matches) one("input").focus({ preventScroll: true });
};

// --- starting ---------------------------------------------------------------------------------------------------------

const wire = () => {
  one("entry").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = one("input").value.trim();
    one("input").value = "";
    say("");
    if (!text) return;
    if (rules.codeOf(text)) scan(text);
    else search(text);
  });
  one("lists").addEventListener("change", (event) => {
    state.list = Number(event.target.value);
    focus();
  });
  for (const radio of root.querySelectorAll("input[name=direction]")) {
    radio.addEventListener("change", () => {
      state.direction = radio.value;
      focus();
    });
  }
  one("walk-in-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const person = {
      name: form.elements.name.value.trim(),
      phone: form.elements.phone.value.trim(),
      organisation: form.elements.organisation.value.trim(),
      audience: Number(form.elements.audience.value) || null,
    };
    if (!person.name) return;
    const said = await walkIn(person);
    if (said && !said.error) form.reset();
  });
  one("stuck-drop").addEventListener("click", async () => {
    for (const item of await state.store.queue()) if (item.error) await state.store.drop(item.nonce);
    count();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("input, select, button, a, summary, label, textarea")) focus();
  });
  addEventListener("online", beat);
  addEventListener("offline", () => {
    state.reachable = false;
    show();
  });
  const leaving = document.querySelector("[data-leave]");
  if (leaving) {
    leaving.addEventListener("submit", async (event) => {
      event.preventDefault();
      await beat();
      if (state.pending && !confirm(fill(texts.leaveAnyway, { n: state.pending }))) return;
      await wipe(texts.left);
      leaving.elements.csrf_token.value = state.token;
      leaving.submit();
    });
  }
};

const wireCamera = () => {
  const button = one("camera");
  if (!isSecureContext || !navigator.mediaDevices) {
    say(texts.noHttps);
    button.disabled = true;
    return;
  }
  let stop = null;
  button.addEventListener("click", async () => {
    if (stop) {
      stop();
      stop = null;
    } else {
      try {
        stop = await startCamera(one("video"), root.dataset.decoder, scan);
      } catch {
        say(texts.noCamera);
      }
    }
    one("video").hidden = !stop;
    button.setAttribute("aria-pressed", String(Boolean(stop)));
  });
};

const keepPage = async () => {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(root.dataset.worker, { scope: "/checkin/" });
  const worker = await navigator.serviceWorker.ready;
  const icons = [...document.querySelectorAll("use")].map((use) => use.getAttribute("href").split("#")[0]);
  const files = [...document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=icon]")].map((file) => file.src || file.href);
  const answers = new MessageChannel();
  answers.port1.onmessage = (event) => {
    root.dataset.kept = event.data;
    one("kept").hidden = event.data !== "kept";
  };
  const addresses = [location.origin + location.pathname, root.dataset.decoder, ...files, ...icons];
  worker.active.postMessage({ keep: [...new Set(addresses)] }, [answers.port2]);
};

const start = async () => {
  state.store = await openStore(root.dataset.gate);
  wire();
  wireCamera();
  await restore();
  await show();
  // A page that died while it asked had told nobody anything: the server may decide these.
  for (const item of await state.store.queue()) if (item.asking) await state.store.note({ ...item, asking: undefined }, null);
  await beat();
  focus();
  setInterval(() => {
    if (state.head && state.head.wipe <= now()) wipe(texts.ended);
    else beat();
  }, BEAT);
  root.dataset.ready = "yes";
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  if (navigator.onLine) await keepPage().catch(() => {});
};

globalThis.checkin = { ...globalThis.checkin, gate: { state, judge, findByCode, scan, beat, use, index } };
start();
