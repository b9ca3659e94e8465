// What a judge has typed, on the device until the server has it. One database a person; without one, the page's memory.
const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const inMemory = () => {
  const rows = new Map();
  return {
    durable: false,
    all: async () => [...rows.values()].map((row) => structuredClone(row)),
    change: async (id, work) => {
      const row = work(structuredClone(rows.get(id)));
      if (row) rows.set(id, row);
      else rows.delete(id);
      return structuredClone(row);
    },
  };
};

const openStore = async (person) => {
  let base;
  try {
    const opening = indexedDB.open(`ballots-${person}`, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("ballots", { keyPath: "id" });
    base = await asked(opening);
  } catch {
    return inMemory();
  }
  base.onversionchange = () => base.close();
  return {
    durable: true,
    all: () => asked(base.transaction("ballots").objectStore("ballots").getAll()),
    // Read, change and write in one step that no other page of this browser can come between.
    change: (id, work) =>
      new Promise((resolve, reject) => {
        const transaction = base.transaction("ballots", "readwrite", { durability: "strict" });
        const store = transaction.objectStore("ballots");
        let row;
        store.get(id).onsuccess = (event) => {
          row = work(event.target.result);
          if (row) store.put(row);
          else store.delete(id);
        };
        transaction.oncomplete = () => resolve(row);
        transaction.onerror = () => reject(transaction.error);
        transaction.onabort = () => reject(transaction.error);
      }),
  };
};

globalThis.ballots = { ...globalThis.ballots, openStore };
