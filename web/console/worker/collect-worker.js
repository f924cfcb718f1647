/**
 * The service worker of the collect pages (采集离线) and of the field's (现场处置): keeps the shell of the console and what these pages are made of, so
 * that they open without a network. It answers only what stands in its list, and navigations to /collect and /field (registered once for each); the API is never answered from here: designs, tasks and drafts are
 * kept by the page itself, encrypted. `collectWorker` (vite.config.ts) puts in the version and the list when the console is built.
 */
const VERSION = '__VERSION__';
const ASSETS = __ASSETS__;
const CACHE = `jingwei-collect-${VERSION}`;
const SHELL = '/index.html';

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      // Hashed files may come from the browser's own cache; everything else is asked for anew, so that no old shell meets new chunks.
      await Promise.all(
        ASSETS.map(async (path) => {
          const answer = await fetch(path, { cache: path.startsWith('/assets/') ? 'default' : 'reload' });
          if (!answer.ok || answer.redirected) throw new Error(`${path} answers ${answer.status}`);
          await cache.put(path, answer);
        }),
      );
      // All of it is there, or the old version stays: a half-filled cache is never used.
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      // The version before stays as well: a page that is open may still ask for a chunk of it.
      const old = (await caches.keys()).filter((name) => name.startsWith('jingwei-collect-') && name !== CACHE);
      for (const name of old.slice(0, -1)) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (/^\/(?:collect|field)(?:\/|$)/.test(url.pathname)) event.respondWith(shell(request));
    return;
  }
  if (url.pathname.startsWith('/assets/') || ASSETS.includes(url.pathname)) event.respondWith(kept(request, url.pathname));
});

/** The page from the hub while it can be reached, else the shell that was kept. A network that hangs counts as none. */
async function shell(request) {
  const cache = await caches.open(CACHE);
  const held = await cache.match(SHELL);
  if (!held) return fetch(request);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 4000);
  try {
    const fresh = await fetch(request, { signal: stop.signal });
    return fresh.ok ? fresh : held;
  } catch {
    return held;
  } finally {
    clearTimeout(timer);
  }
}

async function kept(request, path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? (await caches.match(path)) ?? fetch(request);
}

// The network is back (Background Sync, where the browser has it): open pages send what waits. The key to it is theirs, not the worker's.
self.addEventListener('sync', (event) => {
  if (event.tag !== 'jingwei-collect-send') return;
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((pages) => {
      for (const page of pages) page.postMessage({ kind: 'send' });
    }),
  );
});
