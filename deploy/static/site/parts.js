// The parts of the edition: downloaded once, checked, and kept for the next visit.

export class Failure extends Error {} // its message is a sentence for the visitor

const KEPT = "explorer-"; // caches of ours begin so
const root = new URL("./", document.baseURI);

// The list of parts. Offline, the service worker has the last one.
export async function list() {
  let response;
  try {
    response = await fetch(new URL("parts.json", root), { cache: "no-cache" });
  } catch {
    throw new Failure(
      navigator.onLine
        ? "The site that this page came from cannot be reached any more. Reload the page in a moment."
        : "There is no network, and this page has never been fully loaded here before. Open it once while online.",
    );
  }
  if (!response.ok) throw missing("parts.json", response.status);
  return response.json();
}

// A worker between page and network, so that the next visit needs none. Where there can be none (plain http on a
// school's network, private windows), the browser's own cache has to do.
export async function keeper() {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register(new URL("sw.js", root), { scope: root.pathname });
    if (navigator.serviceWorker.controller) return;
    await Promise.race([
      new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true })),
      new Promise((done) => setTimeout(done, 3000)),
    ]);
  } catch (error) {
    console.warn("no service worker", error);
  }
}

// The pages themselves, for a visit without the network: on their way the service worker keeps them.
export const keep = (shell) => Promise.all(shell.map((name) => fetch(new URL(name, root))));

// Load these parts, tell `progress` of (bytes so far, bytes in all), and keep what has the stated SHA-256.
export async function load(parts, build, progress = () => {}) {
  const cache = self.caches && (await caches.open(KEPT + build));
  let done = 0;
  let broken = false; // by the first failure: its sentence must stay, so nothing goes on and nothing more is told
  const sizes = parts.map((part) => part.bytes ?? 0);
  const tell = () => broken || progress(done, sizes.reduce((a, b) => a + b, 0));
  const queue = [...parts.entries()];
  const next = async () => {
    for (let item = queue.shift(); item && !broken; item = queue.shift()) {
      const [i, part] = item;
      const got = (bytes, size) => {
        sizes[i] ||= size;
        done += bytes;
        tell();
      };
      try {
        await one(part, cache, got);
      } catch (error) {
        broken = true;
        throw error;
      }
    }
  };
  await Promise.all([next(), next(), next(), next(), next(), next()]);
  return cache;
}

async function one(part, cache, got) {
  const url = new URL(part.url, root);
  const kept = cache && (await cache.match(url));
  const before = kept ? null : cache && (await earlier(url, part));
  if (before) await cache.put(url, before);
  if (kept || before) return got(part.bytes ?? 0, part.bytes ?? 0);
  const response = await reach(url, part.url);
  const type = response.headers.get("content-type") ?? "";
  const size = Number(response.headers.get("content-length"));
  const pieces = [];
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      got(value.length, size);
    }
  } catch {
    throw new Failure(`The connection broke while ${part.url} was loading. Reload the page: what is here already is kept.`);
  }
  const blob = new Blob(pieces, { type });
  if (!(await genuine(blob, part))) throw new Failure(tampered(part.url));
  const headers = { "content-type": part.url.endsWith(".wasm") ? "application/wasm" : type, "x-sha256": part.sha256 };
  if (cache) await cache.put(url, new Response(blob, { headers })).catch((error) => console.warn("not kept", error));
}

// The same file out of the last version's cache.
async function earlier(url, part) {
  for (const name of await caches.keys()) {
    const found = name.startsWith(KEPT) && (await (await caches.open(name)).match(url));
    if (found && found.headers.get("x-sha256") === part.sha256) return found;
  }
}

async function reach(url, name) {
  let response;
  try {
    response = await fetch(url);
  } catch {
    if (!navigator.onLine) throw new Failure("The network is gone. Reload the page when it is back: what is here already is kept.");
    if (url.origin === location.origin) throw new Failure(`${name} could not be loaded: this site cannot be reached. Reload the page in a moment.`);
    throw new Failure(
      `${url.host} cannot be reached, which has to send ${url.pathname.split("/").pop()}. Is it blocked in this network? ` +
        "Whoever runs this site can put those files in: python -m deploy.static OUT --wheels DIR.",
    );
  }
  if (!response.ok) throw missing(name, response.status);
  return response;
}

// Without a secure context (plain http) there is nothing to hash with; Pyodide checks its wheels all the same.
async function genuine(blob, part) {
  if (!self.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === part.sha256;
}

const missing = (name, status) =>
  new Failure(`${name} is missing on this site (status ${status}), so nothing can start. Tell whoever put it there.`);
const tampered = (name) =>
  `${name} is not the file that this page was made with: its SHA-256 differs, so it was not run. Reload the page; if this ` +
  "stays, somebody on the way changes files, or the site was copied in part.";

// Every other version's cache goes, once this one is whole.
export async function tidy(build) {
  if (!self.caches) return;
  for (const name of await caches.keys()) if (name.startsWith(KEPT) && name !== KEPT + build) await caches.delete(name);
}
