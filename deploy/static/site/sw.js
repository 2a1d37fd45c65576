// Between page and network: parts that were checked come from the cache; the pages themselves come from the network
// while there is one, so that a new version is seen at once, and from the cache where there is none.

const SHELL = "shell";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  // stlite 1.9 looks whether a file of its own is there, outside of itself: see mendDownloads in boot.js.
  if (new URL(request.url).hostname === "stlite.invalid") return new Response("", { headers: { "access-control-allow-origin": "*" } });
  const part = await caches.match(request.url, { ignoreVary: true });
  if (part?.headers.has("x-sha256")) return part;
  const ours = request.url.startsWith(self.registration.scope);
  const key = request.url.split(/[?#]/)[0];
  try {
    const response = await fetch(request);
    if (ours && response.ok && !response.redirected) (await caches.open(SHELL)).put(key, response.clone());
    return response;
  } catch (error) {
    const shell = await caches.open(SHELL);
    const kept = ours && ((await shell.match(key)) ?? (await shell.match(`${key}/`))); // a host adds the slash itself
    if (kept) return kept;
    throw error;
  }
}
