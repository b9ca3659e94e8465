// Serves a judge's list and ballots when there is no network, and the pages' files, whose addresses change with their content.
const CACHE = "ballots-pages-1";
const PATIENCE = 6000;
const OWN = /^\/contests\/ballots\/(\d+)?$/;
const FILES = ["style", "script", "image", "font"];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const plain = (address) => {
  const { origin, pathname } = new URL(address, self.location);
  return origin + pathname;
};

const put = async (cache, address, response) => {
  if (response.ok && !response.redirected && response.type === "basic") await cache.put(address, response);
};

// Hold these pages and files and no others; one after another, because the network is bad.
const keep = async ({ pages, files }) => {
  const cache = await caches.open(CACHE);
  const wanted = new Set([...pages.map(plain), ...files]);
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  const have = new Set((await cache.keys()).map((request) => request.url));
  for (const address of wanted) {
    if (!have.has(address)) await put(cache, address, await fetch(address, { credentials: "same-origin" }));
  }
};

self.addEventListener("message", (event) => {
  const answer = (text) => event.ports[0] && event.ports[0].postMessage(text);
  const { keep: wanted, wipe } = event.data;
  if (wanted) event.waitUntil(keep(wanted).then(() => answer("kept"), () => answer("failed")));
  if (wipe) event.waitUntil(caches.delete(CACHE).then(() => answer("wiped")));
});

const kept = async (address) => (await caches.open(CACHE)).match(address, { ignoreVary: true });

// The network first, so that a page is as new as it can be; what arrives is held for the next time.
const pageOf = async (request) => {
  const address = plain(request.url);
  const found = await kept(address);
  const waiting = new AbortController();
  const timer = found ? setTimeout(() => waiting.abort(), PATIENCE) : 0;
  try {
    const response = await fetch(request, { signal: waiting.signal });
    if (found) await put(await caches.open(CACHE), address, response.clone());
    return response;
  } catch (error) {
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
  if (request.mode === "navigate" && OWN.test(pathname)) event.respondWith(pageOf(request));
  else if (FILES.includes(request.destination)) {
    event.respondWith(kept(request.url.split("#")[0]).then((found) => found || fetch(request)));
  }
});
