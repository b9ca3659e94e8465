// A judge's list: sends what waits, says loudly what has not arrived yet, and brings the device up to date.
const root = document.querySelector("[data-ballots]");
const { openStore, openOutbox, waits, signs, hold } = globalThis.ballots;

if (root) {
  const texts = JSON.parse(root.dataset.texts);
  const person = Number(root.dataset.person);
  const banner = document.querySelector("[data-waiting]");
  const heldNote = document.querySelector("[data-held-note]");

  const mark = (row) => {
    const cell = document.querySelector(`[data-ballot-row="${row.id}"]`);
    if (!cell) return;
    cell.querySelector("[data-state]").hidden = waits(row) || row.newer;
    const own = cell.querySelector("[data-own-state]");
    own.hidden = !(waits(row) || row.newer);
    own.textContent = row.other || row.stuck ? texts.look : signs(row) ? texts.queued : waits(row) ? texts.unsent : texts.signed;
  };

  const start = async () => {
    const store = await openStore(person);
    const shown = new Map([...document.querySelectorAll("[data-ballot-row]")].map((row) => [Number(row.dataset.ballotRow), row.dataset.version]));
    const show = async () => {
      const rows = await store.all();
      for (const row of rows) mark({ ...row, newer: row.state === "submitted" && row.version > Number(shown.get(row.id) || 0) });
      const waiting = rows.filter(waits).length;
      banner.hidden = waiting === 0;
      banner.querySelector("[data-waiting-text]").textContent = texts.waiting.replace("{n}", waiting);
    };
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const outbox = openOutbox({ store, held: root.dataset.held, token, person, onChange: show });
    await show();
    if (navigator.onLine) await hold({ root, store, outbox, person }).catch(() => {});
    heldNote.hidden = root.dataset.pages !== "kept" && !navigator.serviceWorker?.controller;
    outbox.send();
  };

  start();
}
