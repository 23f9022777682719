// What stays on the phone between pages: the files of this build, a page for when there is no network, the verifier of health
// cards; and notices. Nothing of anybody's health is in any cache: pages and answers go through and are not kept.
// The server fills in the version and the files, and adds nothing else.
"use strict";
const VERSION = "__VERSION__";
const FILES = __FILES__;
const CACHE = `portal-${VERSION}`;
const [OFFLINE, VERIFY, ISSUERS] = ["/offline", "/verify", "/verify/issuers.json"];
const LANGUAGES = ["en", "es"];
const NEWS = "You have news · Tiene novedades";
// Names with a hash of what they hold: such a file never changes.
const isHashed = (path) => path.startsWith("/pkg/") || path.startsWith("/fonts/");

// As anybody sees it, and not whoever is signed in.
const publicly = async (path, options) => {
  const answer = await fetch(path, { credentials: "omit", ...options });
  if (!answer.ok || answer.redirected) throw new Error(`${path}: ${answer.status}`);
  return answer;
};
const install = async () => {
  const cache = await caches.open(CACHE);
  // What the browser has already is not loaded once more.
  const way = (path) => (isHashed(path) ? { credentials: "same-origin" } : { cache: "no-cache" });
  const put = async (path) => cache.put(path, await publicly(path, way(path)));
  // Its document says nothing of who is signed in when it comes from here.
  const putVerifier = async (language) => {
    const answer = await publicly(VERIFY, { cache: "no-store", headers: { "accept-language": language } });
    const headers = new Headers(answer.headers);
    for (const name of ["content-encoding", "content-length"]) headers.delete(name);
    const text = (await answer.text()).replace('name="session"', 'name="session" data-kept');
    await cache.put(`${VERIFY}?language=${language}`, new Response(text, { headers }));
  };
  await Promise.all([...[OFFLINE, ISSUERS, ...FILES].map(put), ...LANGUAGES.map(putVerifier)]);
};
addEventListener("install", (event) => {
  event.waitUntil(install());
  // Where the browser can be told so, these do not even come by here.
  const past = ["/api/*", "/files/*", "/live"].map((urlPattern) => ({ condition: { urlPattern }, source: "network" }));
  event.waitUntil(event.addRoutes?.(past).catch(() => {}));
});

// An open page says whether something is typed in it, whether somebody is leaving it, and which script it runs on.
const ask = (page) =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, 500);
    page.postMessage("state", [port2]);
  });
const pages = () => clients.matchAll({ type: "window", includeUncontrolled: true });

// A new version waits until nothing is typed anywhere. A page that does not answer may have something.
const takeOver = async (left) => {
  const states = await Promise.all((await pages()).filter(({ id }) => id !== left).map(ask));
  if (states.every((state) => state && !state.typed)) await skipWaiting();
};
// A page that is still open on an older version keeps its files.
const activate = async () => {
  await registration.navigationPreload?.enable();
  const states = await Promise.all((await pages()).map(ask));
  const scripts = states.map((state) => state?.script).filter((script) => !FILES.includes(script));
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    const needed = await Promise.all(scripts.map((script) => !script || cache.match(script)));
    if (name !== CACHE && !needed.some(Boolean)) await caches.delete(name);
  }
};
addEventListener("activate", (event) => event.waitUntil(activate()));

const cached = async (path) => (await caches.open(CACHE)).match(path, { ignoreVary: true });
const hashedFile = async (request) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
// Pages are always the newest: so is what they run, as long as there is a network.
const file = (request) => fetch(request).catch(async (error) => (await cached(request)) ?? Promise.reject(error));
const issuers = async () => {
  try {
    const answer = await publicly(ISSUERS);
    await (await caches.open(CACHE)).put(ISSUERS, answer.clone());
    return answer;
  } catch (error) {
    return (await cached(ISSUERS)) ?? Promise.reject(error);
  }
};
const withoutNetwork = async (path) => {
  const open = await pages();
  for (const page of open) page.postMessage("unreachable");
  // Nobody is led away from what they typed: without content, the browser stays where it is.
  const states = await Promise.all(open.map(ask));
  if (states.some((state) => state?.typed && state.leaving)) return new Response(null, { status: 204 });
  if (path !== VERIFY) return cached(OFFLINE);
  const language = (await self.cookieStore?.get("language"))?.value ?? navigator.language;
  return cached(`${VERIFY}?language=${LANGUAGES.find((known) => language.startsWith(known)) ?? LANGUAGES[0]}`);
};
const page = async (event, path) => {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (error) {
    return (await withoutNetwork(path)) ?? Promise.reject(error);
  }
};
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event, pathname));
  else if (isHashed(pathname)) event.respondWith(hashedFile(request));
  else if (FILES.includes(pathname + search)) event.respondWith(file(request));
  else if (pathname === ISSUERS) event.respondWith(issuers());
});

// What was kept for one account goes with its sign-out: the page begins, this goes on when the page is gone.
const forget = async () => {
  indexedDB.deleteDatabase("kept");
  for (const notice of await registration.getNotifications()) notice.close();
  await navigator.clearAppBadge?.();
  await (await registration.pushManager?.getSubscription())?.unsubscribe();
};
addEventListener("message", (event) => {
  if (event.data === "take-over") event.waitUntil(takeOver());
  if (event.data === "left") event.waitUntil(takeOver(event.source.id));
  if (event.data === "forget") event.waitUntil(forget());
});

// Every message shows something: browsers ask for it.
const show = async ({ title, body, url, tag, badge }) => {
  const text = (value) => (typeof value === "string" && value ? value : undefined);
  const [icon, small] = ["/icons/icon-192.png", "/icons/badge-96.png"];
  await registration.showNotification(text(title) ?? NEWS, { body: text(body), tag: text(tag), data: text(url), icon, badge: small });
  if (Number.isInteger(badge)) await navigator.setAppBadge?.(badge).catch(() => {});
};
addEventListener("push", (event) => {
  let told;
  try {
    told = event.data.json();
  } catch {}
  event.waitUntil(show(told ?? {}));
});

// Only to pages of our own. An app on a phone has one window: it goes there, unless something is typed in it.
const open = async (path) => {
  let { href, origin } = new URL(path ?? "/home", location.origin);
  if (origin !== location.origin) href = new URL("/home", location.origin).href;
  const windows = await pages();
  const there = windows.find(({ url }) => url === href);
  if (there) return there.focus();
  const states = await Promise.all(windows.map(ask));
  const app = windows.find((_, index) => states[index]?.installed && !states[index].typed);
  const gone = app && (await app.focus().then((focused) => focused.navigate(href)).catch(() => undefined));
  return gone ?? clients.openWindow(href);
};
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

// The browser has given this device another address for notices. A server that does not take it sends none: so there is none.
const renew = async ({ oldSubscription: old, newSubscription }) => {
  const key = old?.options.applicationServerKey;
  const now = newSubscription ?? (key && (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })));
  if (!now) return;
  const { endpoint, keys } = now.toJSON();
  const body = new URLSearchParams({ old: old?.endpoint ?? "", endpoint, p256dh: keys.p256dh, auth: keys.auth });
  const answer = await fetch("/api/phone/renew", { method: "POST", headers: { accept: "application/json" }, body });
  if (!answer.ok) await now.unsubscribe();
};
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
