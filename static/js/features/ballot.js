// One ballot: every sign typed is kept on the device at once and sent two seconds later, now or when there is a network.
// Without this file the two buttons below the form save and submit by themselves.
const WAIT = 2000;
const root = document.querySelector("[data-ballots]");
const form = document.querySelector("form[data-ballot]");
const { openStore, openOutbox, waits, signs, hold, sameContent } = globalThis.ballots;

if (form) {
  const id = Number(form.dataset.ballot);
  const person = Number(root.dataset.person);
  const texts = JSON.parse(root.dataset.texts);
  const one = (name) => document.querySelector(`[data-${name}]`);
  const note = one("ballot-note");
  const total = one("total");
  const points = [...form.querySelectorAll("[data-weight]")];
  const lines = form.querySelector("fieldset");
  const buttons = [...document.querySelectorAll("button[form=ballot-form]")];
  const tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const page = JSON.parse(form.dataset.content);
  const state = { store: null, outbox: null, seen: 0, timer: 0, row: null };

  // --- the form ---------------------------------------------------------------------------------------------------------

  // Whole hundredths, so that the sum shown is the sum counted.
  const totalOf = (value) => {
    if (points.some((field) => value(field) === "" || !field.validity.valid)) return null;
    return points.reduce(
      (all, field) => all + Math.round((Number(value(field)) * Number(field.dataset.weight) * 10000) / Number(field.dataset.max)), 0,
    ) / 10000;
  };

  const asksForComment = (sum) => {
    const { low, high } = form.dataset;
    return sum !== null && ((low !== "" && sum <= Number(low)) || (high !== "" && sum >= Number(high)));
  };

  const showTotal = () => {
    const sum = totalOf((field) => field.value);
    total.textContent = sum === null ? "—" : String(sum);
    const short = form.elements.comment.value.replace(/\s/g, "").length < Number(form.dataset.shortest);
    one("comment-asked").hidden = !(asksForComment(sum) && short);
  };

  const typed = () => ({
    points: Object.fromEntries(points.map((field) => [field.name, field.value])),
    comment: form.elements.comment.value,
  });

  const fillIn = (content) => {
    for (const field of points) {
      field.value = content.points[field.name] ?? "";
      const range = form.querySelector(`[data-range-for="${field.id}"]`);
      range.value = field.value === "" ? 0 : field.value;
    }
    form.elements.comment.value = content.comment;
    showTotal();
  };

  // --- what is told -----------------------------------------------------------------------------------------------------

  const tell = (text, tone = "") => {
    if (note.textContent !== text) note.textContent = text;
    note.dataset.tone = tone;
  };

  const showOther = (row) => {
    const panel = one("other");
    panel.hidden = !(row && row.other);
    if (panel.hidden) return;
    const mine = row.mine || row;
    one("other-signed").hidden = row.other.state !== "submitted";
    one("keep-mine").hidden = row.other.state === "submitted";
    const body = one("other-rows");
    body.replaceChildren(
      ...[...points.map((field) => [field.dataset.label, mine.points[field.name], row.other.points[field.name]]),
        [texts.comment, mine.comment, row.other.comment]].map(([label, here, there]) => {
        const line = document.createElement("tr");
        for (const [kind, text, title] of [["th", label, ""], ["td", here || "—", texts.here], ["td", there || "—", texts.there]]) {
          const cell = Object.assign(document.createElement(kind), { textContent: text });
          if (title) cell.dataset.label = title;
          line.append(cell);
        }
        line.firstChild.scope = "row";
        line.classList.toggle("differs", (here || "") !== (there || ""));
        return line;
      }),
    );
  };

  const show = (row = state.row) => {
    if (!row) return;
    state.row = row;
    const { reach } = state.outbox.state;
    const queued = signs(row) && !row.other && !row.stuck;
    const signed = row.state === "submitted" && !waits(row);
    one("queued").hidden = !queued;
    one("queued-edit").hidden = Boolean(row.sending && row.sending.step === "sign");
    one("signed-elsewhere").hidden = !signed;
    lines.disabled = queued || signed;
    for (const button of buttons) button.disabled = queued || signed || Boolean(row.other);
    const stuck = one("stuck");
    stuck.hidden = !row.stuck;
    one("stuck-text").textContent = row.stuck ? row.stuck.error || texts.gone : "";
    showOther(row);
    if (reach === "signin") tell(texts.signin, "bad");
    else if (row.other || row.stuck) tell(texts.kept, "bad");
    else if (waits(row)) tell(reach === "offline" ? texts.offline : texts.saving, reach === "offline" ? "bad" : "");
    else if (row.saved) tell(`${texts.saved} ${row.saved}`);
    if (signed && row.by === tab && row.following) location.assign(row.following);
  };

  // --- what is kept -----------------------------------------------------------------------------------------------------

  // Another page of this browser has typed or saved since: both stay, the judge chooses.
  const movedOn = (row, content) => {
    if (row.by === tab) return null;
    if (row.mine && row.mine.tab !== tab) return sameContent(row.mine, content) ? null : { ...row.mine, state: "draft", version: row.version };
    if (row.version > state.seen && !sameContent(row, content)) return { points: row.points, comment: row.comment, state: row.state, version: row.version };
    return null;
  };

  const keep = async (step = "save") => {
    const content = typed();
    const row = await state.store.change(id, (was) => {
      const other = was.other || movedOn(was, content);
      return { ...was, other, stuck: null, mine: { ...content, step: other ? "save" : step, at: Date.now() + Math.random(), tab } };
    });
    show(row);
    return row;
  };

  const later = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => state.outbox.send(), WAIT);
  };

  const changed = () => {
    showTotal();
    keep().then(later);
  };

  const choose = (mine) => async () => {
    const row = await state.store.change(id, (was) => {
      if (!was.other) return was;
      const version = Math.max(was.version, was.other.version);
      const { points: theirs, comment } = was.other;
      if (mine) return { ...was, version, other: null, mine: { ...was.mine, step: "save", tab } };
      return { ...was, points: theirs, comment, state: was.other.state, version, other: null, mine: null, sending: null, by: null };
    });
    state.seen = row.version;
    if (!mine) fillIn(row);
    // What another page of this browser had typed is handed in as what it now is.
    if (!mine && row.state !== "submitted") await keep();
    show(row);
    state.outbox.send();
  };

  const takeBack = async () => {
    const row = await state.store.change(id, (was) => (was.mine ? { ...was, mine: { ...was.mine, step: "save", tab } } : was));
    show(row);
    points[0].focus();
  };

  const submit = (event) => {
    const step = event.submitter ? event.submitter.value : "save";
    const wrong = points.find((field) => !field.validity.valid || (step === "sign" && field.value === ""));
    const silent = step === "sign" && !one("comment-asked").hidden;
    clearTimeout(state.timer);
    if ((wrong || silent) && state.outbox.state.reach === "online" && navigator.onLine) {
      keep();
      return; // the server answers with a sentence on each field
    }
    event.preventDefault();
    if (wrong || silent) {
      tell(wrong ? texts.incomplete : texts.commentAsked, "bad");
      (wrong || form.elements.comment).focus();
      return;
    }
    keep(step).then(() => state.outbox.send());
  };

  // --- beginning --------------------------------------------------------------------------------------------------------

  // The page may be older than the store (it came from the device) or newer (saved elsewhere meanwhile).
  const meet = (was) => {
    const facts = { id, title: form.dataset.title, url: form.dataset.url, until: Number(form.dataset.until) };
    if (!was) return { ...facts, ...page, mine: null, sending: null, other: null, stuck: null };
    const row = { ...was, ...facts };
    if (row.mine) row.mine = { ...row.mine, tab };
    if (!waits(row) && page.version > row.version) return { ...row, ...page, by: null, stuck: null };
    return row;
  };

  const wire = () => {
    for (const range of form.querySelectorAll("[data-range-for]")) {
      const field = document.getElementById(range.dataset.rangeFor);
      range.addEventListener("input", () => {
        field.value = range.value;
        changed();
      });
      field.addEventListener("input", () => {
        if (field.value !== "") range.value = field.value;
      });
    }
    form.addEventListener("input", (event) => {
      if (event.target.name) changed();
    });
    // Enter goes on to the next criterion instead of submitting half a ballot.
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !points.includes(event.target)) return;
      event.preventDefault();
      const next = points[points.indexOf(event.target) + 1] || form.elements.comment;
      next.focus();
      if (next.select) next.select();
    });
    form.addEventListener("submit", submit);
    one("keep-mine").addEventListener("click", choose(true));
    one("take-other").addEventListener("click", choose(false));
    one("queued-edit").addEventListener("click", takeBack);
    addEventListener("offline", () => {
      state.outbox.state.reach = "offline";
      show();
    });
    addEventListener("beforeunload", (event) => {
      if (!state.store.durable && waits(state.row)) event.preventDefault();
    });
  };

  const onChange = async (row) => {
    const fresh = row && row.id === id ? row : (await state.store.all()).find((one) => one.id === id);
    if (fresh && fresh.by === tab) state.seen = fresh.version;
    if (fresh) show(fresh);
  };

  const start = async () => {
    state.store = await openStore(person);
    const token = form.elements.csrf_token.value;
    state.outbox = openOutbox({ store: state.store, held: root.dataset.held, token, person, onChange });
    const refused = document.querySelector(".summary") !== null; // the server returned what was typed
    const asTyped = typed();
    const row = await state.store.change(id, meet);
    state.seen = row.version;
    const content = row.mine || row.sending || row;
    if (refused) await state.store.change(id, (was) => ({ ...was, mine: { ...asTyped, step: "save", at: Date.now(), tab } }));
    else if (!sameContent(content, asTyped)) fillIn(content);
    wire();
    showTotal();
    show(row);
    form.dataset.ready = "yes";
    if (navigator.onLine) await hold({ root, store: state.store, outbox: state.outbox, person }).catch(() => {});
    else state.outbox.state.reach = "offline";
    if (!refused) state.outbox.send();
  };

  start();
}
