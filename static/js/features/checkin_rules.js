// What a gate decides by itself. The same rules as matchmaker/checkin/rules, word for word; a test compares both.
const CODE = /^[2-9A-HJ-NP-Z]{12}$/;

const primes = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
const ROUNDS = Uint32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const START = Uint32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
const turn = (x, n) => (x >>> n) | (x << (32 - n));
const w = new Uint32Array(64);

const mix = (state, view, at) => {
  for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < 64; i += 1) {
    const a = w[i - 15];
    const b = w[i - 2];
    w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => {
    state[i] += value;
  });
};

// SHA-256 in hexadecimal. The browser's own is there only with HTTPS, and only asynchronous.
const sha256 = (text) => {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const state = START.slice();
  for (let at = 0; at < padded.length; at += 64) mix(state, view, at);
  return Array.from(state, (part) => part.toString(16).padStart(8, "0")).join("");
};

const codeOf = (text) => {
  const tight = text.normalize("NFKC").slice(0, 200).replace(/[\s\-·]/g, "").toUpperCase();
  return CODE.test(tight) ? tight : null;
};
const codeMark = (code, salt) => sha256(`${salt}:code:${code}`).slice(0, 32);
const phoneMark = (digits, salt) => sha256(`${salt}:phone:${digits.slice(-4)}`).slice(0, 16);

const no = (reason, time = null, tags = []) => ({ accepted: false, reason, time, tags });
const yes = (reason) => ({ accepted: true, reason, time: null, tags: [] });

// `passes`: {direction, moment}; `from`: what is known of earlier ones.
const pastOf = (passes, from = { first: null, inside: null }) => {
  const out = (one) => (one.direction === "in" ? 1 : 0);
  const past = { ...from };
  for (const one of [...passes].sort((a, b) => a.moment - b.moment || out(a) - out(b))) {
    if (one.direction === "in") {
      past.first = past.first === null ? one.moment : past.first;
      past.inside = one.moment;
    } else {
      past.inside = null;
    }
  }
  return past;
};

const obstacles = (way, guest, moment) => {
  const found = [];
  let distance = 0;
  if (way.audiences.length && !way.audiences.includes(guest.audience)) found.push(no("audience"));
  if (way.tags.length && !way.tags.some((tag) => guest.tags.includes(tag))) found.push(no("tag", null, way.tags));
  if (way.opens !== null && moment < way.opens) {
    found.push(no("early", way.opens));
    distance = way.opens - moment;
  } else if (way.closes !== null && moment > way.closes) {
    found.push(no("late", way.closes));
    distance = moment - way.closes;
  }
  return { found, distance };
};

const nearest = (rule, guest, moment) => {
  let best = null;
  for (const way of rule.ways) {
    const { found, distance } = obstacles(way, guest, moment);
    if (!found.length) return null;
    const closer = best && (found.length < best.count || (found.length === best.count && distance < best.distance));
    if (!best || closer) best = { count: found.length, distance, said: found[0] };
  }
  return best && best.said;
};

const verdict = (rule, guest, past, direction, moment) => {
  if (!guest) return no("unknown");
  if (direction === "out") return past.inside !== null ? yes("goodbye") : no("outside");
  if (guest.standing !== "coming") return no(guest.standing);
  if (rule.pool !== null && !guest.pools.includes(rule.pool)) return no("no_session");
  const near = nearest(rule, guest, moment);
  if (near) return near;
  if (rule.repeat === "once" && past.first !== null) return no("already", past.first);
  if (rule.repeat === "after_exit" && past.inside !== null) return no("inside", past.inside);
  return yes("welcome");
};

globalThis.checkin = { ...globalThis.checkin, rules: { sha256, codeOf, codeMark, phoneMark, pastOf, verdict } };
