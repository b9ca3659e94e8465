// What the device holds of a judge's ballots: brought up to date at every visit, gone when it may not be held any more.
const HOUR = 3600000;

const forgetPages = async () => {
  const names = globalThis.caches ? await caches.keys() : [];
  await Promise.all(names.filter((name) => name.startsWith("ballots-")).map((name) => caches.delete(name)));
};

const startWorker = async (root) => {
  if (!("serviceWorker" in navigator)) return null;
  await navigator.serviceWorker.register(root.dataset.worker, { scope: root.dataset.scope });
  return (await navigator.serviceWorker.ready).active;
};

const filesOf = () => {
  const icons = [...document.querySelectorAll("use")].map((use) => use.getAttribute("href").split("#")[0]);
  const files = [...document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=icon]")].map((file) => file.src || file.href);
  const scripts = (document.querySelector("[data-ballots]").dataset.files || "").split(" ").filter(Boolean);
  return [...new Set([...icons, ...files, ...scripts].map((address) => new URL(address, location).href))];
};

// Somebody else has signed in on this device: pages of the one before are not theirs to read.
const checkPerson = async (person) => {
  try {
    const before = localStorage.getItem("ballots:person");
    if (before && before !== String(person)) await forgetPages();
    localStorage.setItem("ballots:person", String(person));
  } catch {
    // Without storage nothing was held.
  }
};

// The server's facts into the store; rows that may not be held go, unless something typed has not been handed in.
const bringUp = async (store, answer) => {
  const allowed = new Map(answer.ballots.map((ballot) => [ballot.id, ballot]));
  for (const row of await store.all()) {
    if (!allowed.has(row.id)) await store.change(row.id, (was) => (globalThis.ballots.waits(was) ? was : undefined));
  }
  for (const fact of answer.ballots) {
    await store.change(fact.id, (was) => {
      if (!was) return { ...fact, mine: null, sending: null, other: null, stuck: null };
      const keeps = { ...was, title: fact.title, url: fact.url, until: fact.until, left: fact.left };
      return globalThis.ballots.waits(was) || was.version >= fact.version ? keeps : { ...keeps, ...fact, by: null };
    });
  }
};

const holdPages = (worker, root, answer) =>
  new Promise((resolve) => {
    if (!worker) {
      resolve("none");
      return;
    }
    const answers = new MessageChannel();
    answers.port1.onmessage = (event) => resolve(event.data);
    const pages = [root.dataset.scope, ...answer.ballots.map((ballot) => ballot.url)];
    const wanted = answer.ballots.length ? { keep: { pages, files: filesOf() } } : { wipe: true };
    worker.postMessage(wanted, [answers.port2]);
  });

// Judging is over and the device has been offline since: what nobody waits for goes by itself.
const dropOld = async (store) => {
  const rows = await store.all();
  const old = (row) => row.until && row.until + 2 * HOUR < Date.now() && !globalThis.ballots.waits(row);
  for (const row of rows.filter(old)) await store.change(row.id, (was) => (was && old(was) ? undefined : was));
  if (rows.length && rows.every(old)) await forgetPages();
};

const hold = async ({ root, store, outbox, person }) => {
  await checkPerson(person);
  await dropOld(store);
  const worker = await startWorker(root).catch(() => null);
  const answer = await outbox.refreshToken();
  await bringUp(store, answer);
  root.dataset.pages = await holdPages(worker, root, answer);
};

globalThis.ballots = { ...globalThis.ballots, hold };
