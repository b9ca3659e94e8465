// What a gate keeps on the device: the signed snapshot, the passes it decided itself, the queue of scans to hand in.
// One database a gate; the queue outlives the snapshot until it has been handed in.
const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });

const openStore = async (gate) => {
  const opening = indexedDB.open(`checkin-${gate}`, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("kept");
    opening.result.createObjectStore("passes", { keyPath: "nonce" });
    opening.result.createObjectStore("queue", { keyPath: "nonce" });
  };
  const base = await asked(opening);
  const write = async (names, work) => {
    const transaction = base.transaction(names, "readwrite", { durability: "strict" });
    const done = finished(transaction);
    work(...names.map((name) => transaction.objectStore(name)));
    await done;
  };
  const all = (name) => asked(base.transaction(name).objectStore(name).getAll());

  return {
    queue: () => all("queue"),
    passes: () => all("passes"),
    // A scan and what follows from it are written together, before anybody is told.
    note: (item, pass) =>
      write(["queue", "passes"], (queue, passes) => {
        queue.put(item);
        if (pass) passes.put(pass);
        else passes.delete(item.nonce);
      }),
    taken: (nonces, stuck, handed) =>
      write(["queue", "passes"], (queue, passes) => {
        for (const nonce of nonces) queue.delete(nonce);
        for (const item of stuck) queue.put(item);
        for (const pass of handed) passes.put(pass);
      }),
    drop: (nonce) => write(["queue", "passes"], (queue, passes) => [queue.delete(nonce), passes.delete(nonce)]),
    snapshot: async () => {
      const store = base.transaction("kept").objectStore("kept");
      const [values, keys] = await Promise.all([asked(store.getAll()), asked(store.getAllKeys())]);
      return Object.fromEntries(keys.map((key, at) => [key, values[at]]));
    },
    keep: (entries, old) =>
      write(["kept", "passes"], (kept, passes) => {
        for (const [key, value] of Object.entries(entries)) kept.put(value, key);
        for (const nonce of old) passes.delete(nonce);
      }),
    wipe: () => write(["kept", "passes"], (kept, passes) => [kept.clear(), passes.clear()]),
  };
};

globalThis.checkin = { ...globalThis.checkin, openStore };
