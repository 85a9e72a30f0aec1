/** The service worker: keeps the files of the newest build, so that the app opens offline. */

/// <reference lib="webworker" />
export {};
declare const self: ServiceWorkerGlobalScope;
// The build writes the list in.
declare const __FILES__: string[];

const FILES = __FILES__;
const PAGE = "/index.html";
const CACHE = `teahouse-${String(FILES.join().split("").reduce(mix, 7) >>> 0)}`;

function mix(hash: number, letter: string): number {
  return Math.imul(hash ^ letter.charCodeAt(0), 16777619);
}

self.addEventListener("install", (event) => {
  event.waitUntil(keepFiles());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOldCaches());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(answerPage(request));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(answerFile(request));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(comeToFront());
});

async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...FILES, "/", "/icon.svg", "/manifest.webmanifest"]);
  const page = await cache.match("/");
  if (page) await cache.put(PAGE, page);
  await self.skipWaiting();
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** Shows the page that a notice came from; a new one if it was closed meanwhile. */
async function comeToFront(): Promise<void> {
  const [page] = await self.clients.matchAll({ type: "window" });
  await (page ? page.focus() : self.clients.openWindow("/chats"));
}

/** The page from the network, so that a new build is seen at once; the kept one when offline. */
async function answerPage(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

/** Files have the hash of their content in their names: what is kept is what was asked for. */
async function answerFile(request: Request): Promise<Response> {
  return (await caches.match(request.url)) ?? fetch(request);
}
