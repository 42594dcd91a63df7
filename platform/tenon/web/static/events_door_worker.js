/* Keeps the door's page and its files at hand without network. Holds no list of people: that lies
   in the page's own database and expires there. */
"use strict";

const KEPT = "tenon-door";
const DOOR = /^\/events\/[^/]+\/check-in$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/* The site first, so that the page is as new as can be; what was kept where it does not answer. */
async function page(request) {
  const cache = await caches.open(KEPT);
  const { pathname } = new URL(request.url);
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await cache.match(pathname);
    if (kept) return kept;
    throw error;
  }
}

/* Names of files change with what is in them, so a kept one is never old. */
async function file(request) {
  const kept = await caches.match(request);
  return kept || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && DOOR.test(pathname)) event.respondWith(page(request));
  else if (/^\/(static|vendor)\//.test(pathname)) event.respondWith(file(request));
});
