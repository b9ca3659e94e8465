// Serves the gate's page when there is no network, and its files, whose addresses change with their content.
const CACHE = "checkin-pages-1";
const PATIENCE = 4000;
const GATE = /^\/checkin\/gate\/\d+$/;
const FILES = ["style", "script", "image", "font"];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const keep = async (addresses) => {
  const cache = await caches.open(CACHE);
  const wanted = new Set(addresses.map((address) => new URL(address, self.location).href));
  for (const request of await cache.keys()) {
    const old = new URL(request.url);
    if (!GATE.test(old.pathname) && !wanted.has(request.url)) await cache.delete(request);
  }
  const have = new Set((await cache.keys()).map((request) => request.url));
  const missing = [...wanted].filter((address) => !have.has(address) || GATE.test(new URL(address).pathname));
  await Promise.all(
    missing.map(async (address) => {
      const response = await fetch(address, { credentials: "same-origin" });
      if (response.ok && !response.redirected) await cache.put(address, response);
    }),
  );
};

self.addEventListener("message", (event) => {
  const answer = (text) => event.ports[0] && event.ports[0].postMessage(text);
  if (event.data.keep) event.waitUntil(keep(event.data.keep).then(() => answer("kept"), () => answer("failed")));
  if (event.data.wipe) event.waitUntil(caches.delete(CACHE).then(() => answer("wiped")));
});

const kept = async (request) => (await caches.open(CACHE)).match(request, { ignoreVary: true });

const pageOf = async (request) => {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), PATIENCE);
  try {
    return await fetch(request, { signal: waiting.signal });
  } catch (error) {
    const address = new URL(request.url);
    const found = (await kept(request)) || (await kept(address.origin + address.pathname));
    if (found) return found;
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && GATE.test(pathname)) event.respondWith(pageOf(request));
  else if (FILES.includes(request.destination)) event.respondWith(kept(request).then((found) => found || fetch(request)));
});
