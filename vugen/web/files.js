// Files from the net, checked, unpacked, and kept for the next time.

const KEPT = 'vugen';

// Where files are kept; null where a browser keeps nothing
async function kept() {
  try {
    return await caches.open(KEPT);
  } catch {
    return null;
  }
}

async function sha256(bytes) {
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  return [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, '0')).join('');
}

async function read(response, onBytes) {
  const parts = [];
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    onBytes(value.length);
  }
}

// The bytes of a file whose hash is known. `onBytes` hears how many more have come.
export async function download(url, sha, onBytes = () => {}) {
  const name = url.split('/').pop();
  const address = `${url}?${sha.slice(0, 12)}`;
  const cache = await kept();
  const old = await cache?.match(address).catch(() => null); // a cache that fails is as good as none
  const response = old ?? (await fetch(address).catch(() => null));
  if (!response && !navigator.onLine) {
    throw new Error(`There is no net, and ${name} is not kept in this browser; connect once and try again.`);
  }
  if (!response?.ok) {
    throw new Error(`${name} could not be loaded (${response?.status ?? 'no answer'}); look at your connection and try again.`);
  }
  const bytes = await read(response, onBytes).catch(() => null);
  if (!bytes || (await sha256(bytes)) !== sha) {
    await cache?.delete(address).catch(() => {});
    throw new Error(`${name} came damaged; try again, or reload the page.`);
  }
  if (!old) await cache?.put(address, new Response(bytes)).catch(() => {});
  return bytes;
}

// Forget what an older model of this page left behind.
export async function forget(wanted) {
  const cache = await kept();
  for (const request of (await cache?.keys()) ?? []) {
    const file = new URL(request.url);
    const other = file.origin === location.origin && !file.href.startsWith(new URL('.', location).href);
    if (!other && file.search && !wanted.includes(file.search.slice(1))) await cache.delete(request);
  }
}

export async function unpack(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
