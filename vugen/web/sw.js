// The page itself, kept for when there is no net; the large files keep themselves (files.js).

const SHELL = ['./', 'index.html', 'style.css', 'start.js', 'page.js', 'show.js', 'draw.js', 'scenes.js', 'words.js', 'worker.js', 'model.js',
  'noise.js', 'walk.js', 'runtime.js', 'files.js', 'model/vugen.json'];
const KEPT = 'vugen-page';

self.oninstall = (event) => event.waitUntil(
  caches.open(KEPT).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()),
);
self.onactivate = (event) => event.waitUntil(self.clients.claim());

// A disk that is full, or a cache that does not answer, is no reason to keep back what the net gave
async function newestOrKept(request) {
  const cache = await caches.open(KEPT).catch(() => null);
  const response = await fetch(request).catch(() => null);
  if (response?.ok) await cache?.put(request, response.clone()).catch(() => {});
  return response ?? (await cache?.match(request, { ignoreSearch: true })) ?? Response.error();
}

self.onfetch = (event) => {
  const url = new URL(event.request.url);
  const own = url.href.startsWith(self.registration.scope) && event.request.method === 'GET';
  if (own && !/\.(bin|wasm|mjs)$/.test(url.pathname)) event.respondWith(newestOrKept(event.request));
};
