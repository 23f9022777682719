// The app on the phone: its worker, notices on this device, what is kept on it, and what happens without a network. `page.js` loads it
// when the page is there, and passes on to it what happens (`heard`).

const meta = (name) => document.querySelector(`meta[name=${name}]`);
// Whose page it is: nothing when nobody is signed in. One that the worker has kept says nothing of that.
const mine = meta("session") && !("kept" in meta("session").dataset) ? meta("session").dataset.account : undefined;
const words = JSON.parse(meta("phone")?.content || "{}");
const remembered = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {}
};
const remember = (name, value) => {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {}
};

// Whose phone it is, until they sign out: a session that ends for want of use leaves it as it is.
const owner = () => mine || remembered("owner");

// ---- What is kept on this phone: encrypted by a key that no script can read, and bound to the account that kept it.
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
const KEPT = "kept";
const isThere = async () => !indexedDB.databases || (await indexedDB.databases()).some(({ name }) => name === KEPT);
const inDatabase = async (act) => {
  const opening = indexedDB.open(KEPT, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("keys");
    opening.result.createObjectStore("items", { keyPath: "id" });
  };
  const database = await done(opening);
  database.onversionchange = () => database.close();
  try {
    return await act(database);
  } finally {
    database.close();
  }
};
const all = (database) => done(database.transaction("items").objectStore("items").getAll());
const keyOf = (database) => done(database.transaction("keys").objectStore("keys").get("key"));
const change = (database, store, act) => {
  const transaction = database.transaction(store, "readwrite", { durability: "strict" });
  act(transaction.objectStore(store));
  return finished(transaction);
};
const bytes = (text) => new TextEncoder().encode(text);
const algorithm = (iv, mark, id) => ({ name: "AES-GCM", iv, additionalData: bytes(`${mark} ${id}`) });

/** Deletes all of it: the key first, without which nothing can be read. */
export const forget = async () => {
  if (!(await isThere())) return;
  await inDatabase(async (database) => {
    await change(database, "keys", (keys) => keys.clear());
    await change(database, "items", (items) => items.clear());
  });
  await done(indexedDB.deleteDatabase(KEPT));
};
/** Deletes one of it; with the last one, the key too. */
export const drop = async (...ids) => {
  const left = await inDatabase(async (database) => {
    await change(database, "items", (items) => ids.forEach((id) => items.delete(id)));
    return (await all(database)).length;
  });
  if (!left) await forget();
};
const put = (id, until, item) =>
  inDatabase(async (database) => {
    let found = await keyOf(database);
    if (found?.mark !== mine) {
      await change(database, "items", (items) => items.clear());
      found = { mark: mine, key: await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]) };
      await change(database, "keys", (keys) => keys.put(found, "key"));
    }
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt(algorithm(iv, mine, id), found.key, bytes(JSON.stringify(item)));
    await change(database, "items", (items) => items.put({ id, until, iv, data }));
  });
/** What is kept and can be shown, the newest first. Nothing, and nothing any more, when it is somebody else's. */
export const kept = async () => {
  if (!(await isThere())) return [];
  const { found, items } = await inDatabase(async (database) => ({ found: await keyOf(database), items: await all(database) }));
  if (!found || found.mark !== owner()) {
    await forget();
    return [];
  }
  const over = items.filter(({ until }) => until && new Date(until) < new Date()).map(({ id }) => id);
  if (over.length) await drop(...over);
  const read = async ({ id, iv, data }) => {
    const text = new TextDecoder().decode(await crypto.subtle.decrypt(algorithm(iv, found.mark, id), found.key, data));
    return { ...JSON.parse(text), id };
  };
  const shown = await Promise.all(items.filter(({ id }) => !over.includes(id)).map((item) => read(item).catch(() => undefined)));
  return shown.filter(Boolean).sort((a, b) => String(b.saved).localeCompare(String(a.saved)));
};
// Asked once a page: what somebody may no longer see is no longer kept.
const stillAllowed = async () => {
  const ids = (await kept()).map(({ id }) => id);
  if (!ids.length || !navigator.onLine) return;
  const headers = { accept: "application/json", "x-by-itself": "1" };
  const answer = await fetch("/api/phone/still", { method: "POST", headers, body: new URLSearchParams({ ids: ids.join(",") }) });
  const allowed = answer.ok && (await answer.json());
  const lost = Array.isArray(allowed) ? ids.filter((id) => !allowed.includes(id)) : [];
  if (lost.length) await drop(...lost);
};
const label = async (button) => {
  const texts = JSON.parse(button.dataset.texts);
  const ids = (await isThere()) ? (await inDatabase(all)).map(({ id }) => id) : [];
  const isKept = ids.includes(button.dataset.keepOffline);
  button.setAttribute("aria-pressed", isKept);
  button.textContent = isKept ? texts.remove : texts.keep;
  button.closest("[data-keep-place]").hidden = !globalThis.crypto?.subtle;
};
const keepOrDrop = async (button) => {
  const texts = JSON.parse(button.dataset.texts);
  const id = button.dataset.keepOffline;
  const status = button.parentElement.querySelector("[data-keep-status]");
  const say = (text) => status && (status.textContent = text);
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    if (button.getAttribute("aria-pressed") === "true") {
      await drop(id);
      say(texts.removed);
    } else {
      const body = new URLSearchParams({ id, sensitive: button.dataset.sensitive ?? "" });
      const answer = await fetch("/api/phone/keep", { method: "POST", headers: { accept: "application/json" }, body });
      if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
      const { until, title, html, images, saved } = await answer.json();
      // Somebody may have signed out meanwhile, in another tab.
      if (!mine || remembered("owner") !== mine) throw new Error("another account");
      await put(id, until, { title, html, images, saved });
      say(texts.kept);
    }
  } catch (error) {
    console.error(error);
    say(texts.problem);
  }
  button.removeAttribute("aria-busy");
  await label(button);
};

// ---- The worker. A new version of it takes over between pages, when nothing is typed in any of them.
const registered =
  "serviceWorker" in navigator
    ? navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).catch((error) => console.error(error))
    : Promise.resolve();
let worker;
const takeOver = (how) => worker?.waiting?.postMessage(how);
registered.then((found) => {
  worker = found;
  takeOver("take-over");
  found?.addEventListener("updatefound", () => {
    const next = found.installing;
    next.addEventListener("statechange", () => next.state === "installed" && takeOver("take-over"));
  });
});
addEventListener("pagehide", () => takeOver("left"));
addEventListener("visibilitychange", () => document.hidden && takeOver("take-over"));

const isChanged = (field) => {
  if (/^(hidden|submit|button|reset|image|fieldset|output)$/.test(field.type)) return false;
  if (field.type === "file") return field.files.length > 0;
  if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
  if (field.options) {
    const chosen = [...field.options].map((option) => option.defaultSelected);
    const first = field.multiple || chosen.includes(true) ? -1 : 0;
    return [...field.options].some((option, index) => option.selected !== (chosen[index] || index === first));
  }
  return field.value !== field.defaultValue;
};
const isTyped = () => [...document.forms].some((form) => [...form.elements].some(isChanged));
const isInstalled = () =>
  navigator.standalone === true || ["standalone", "fullscreen", "minimal-ui", "window-controls-overlay"].some((mode) => matchMedia(`(display-mode: ${mode})`).matches);
// Somebody has begun to leave the page, and it is still there.
let left = -Infinity;
const isLeaving = () => performance.now() - left < 60_000;
let trouble = false;
navigator.serviceWorker?.addEventListener("message", ({ data, ports: [port] }) => {
  if (data === "unreachable") unreachable();
  const script = document.querySelector("link[rel=modulepreload]")?.getAttribute("href");
  if (data === "state") port.postMessage({ typed: isTyped(), leaving: isLeaving(), installed: isInstalled(), script });
});
navigator.serviceWorker?.startMessages();

// ---- Without a network. One line at the end of the document, outside of what the app draws: so it can be said before the app runs.
let hush;
const say = (text, urgent) => {
  clearTimeout(hush);
  let line = document.getElementById("connection");
  if (!line && !text) return;
  if (!line) {
    line = document.createElement("div");
    line.id = "connection";
    line.className = "connection";
    line.setAttribute("role", "status");
    document.body.append(line);
  }
  line.classList.toggle("connection--urgent", Boolean(urgent));
  line.setAttribute("aria-live", urgent ? "assertive" : "polite");
  // It is read aloud when it changes in a place that is there already.
  setTimeout(() => (line.textContent = text ?? ""), 50);
};
const online = () => {
  trouble = false;
  if (!document.getElementById("connection")?.textContent) return;
  say(words.online);
  hush = setTimeout(say, 8_000);
};
const unreachable = () => {
  trouble = true;
  const stays = isTyped() && isLeaving();
  say(stays ? words.typed : words.offline, stays);
};
const isReachable = () => fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(5_000) }).then(({ ok }) => ok, () => false);
const stop = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};
// A card is checked on the device itself.
const isAlone = (form, path) =>
  "worksOffline" in form.dataset || (document.documentElement.hasAttribute("data-card-reader") && path.startsWith("/api/credentials/check"));
const tried = new WeakSet();
const submitted = (event) => {
  const { target: form, submitter } = event;
  const action = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
  const ends = action.pathname.startsWith("/api/sign-in/sign-out");
  if (ends) end();
  if (isAlone(form, action.pathname) || form.getAttribute("method") === "dialog" || action.origin !== location.origin) return;
  const visible = [...form.elements].some(({ type }) => !/^(hidden|submit|button|fieldset)$/.test(type));
  const text = ends ? words.signOut : visible ? words.typed : words.unsent;
  if (!navigator.onLine) {
    stop(event);
    return say(text, true);
  }
  // There was no answer before: it is only sent when there is one now.
  if (!trouble || tried.has(form)) return tried.delete(form);
  stop(event);
  isReachable().then((reachable) => {
    if (!reachable) return say(text, true);
    online();
    tried.add(form);
    form.requestSubmit(submitter?.isConnected ? submitter : undefined);
  });
};
let insisted;
const followed = (event, link) => {
  const { href, target, origin, pathname, search } = link;
  const here = origin === location.origin && pathname === location.pathname && search === location.search;
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || link.hasAttribute("download") || (target && target !== "_self");
  if (event.button || elsewhere || here || !/^http/.test(link.protocol)) return;
  if (!navigator.onLine && isTyped() && insisted !== href) {
    stop(event);
    insisted = href;
    say(words.leave, true);
    return;
  }
  // The app goes on in the same document, and the form of the page before is gone.
  setTimeout(takeOver, 1_500, "take-over");
};
addEventListener("beforeunload", (event) => {
  left = performance.now();
  if (!navigator.onLine && isTyped()) event.preventDefault();
});
addEventListener("offline", () => say(words.offline));
addEventListener("online", online);

// ---- Notices on this device: those of one account, and of no other.
const subscription = async () => (await registered)?.pushManager?.getSubscription();
const ways = ({ endpoint, keys }) => new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
const post = (url, body) => fetch(url, { method: "POST", headers: { accept: "application/json", "x-by-itself": "1" }, body });
const unsubscribe = async () => {
  remember("notices-of");
  await (await subscription())?.unsubscribe();
};
const isIos = /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
const pushState = async () => {
  const able = "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
  if (!able) return isIos && !isInstalled() ? "homeScreen" : "unsupported";
  if (Notification.permission === "denied") return "denied";
  return mine && (await subscription()) && remembered("notices-of") === mine ? "on" : "off";
};
const show = async (place, state) => {
  const texts = JSON.parse(place.dataset.texts);
  const [status, button] = ["[data-push-state]", "[data-push-switch]"].map((part) => place.querySelector(part));
  const now = await pushState();
  place.dataset.state = now;
  if (status.textContent !== texts[state ?? now]) status.textContent = texts[state ?? now];
  button.textContent = now === "on" ? texts.turnOff : texts.turnOn;
  button.hidden = !["on", "off"].includes(now);
  button.removeAttribute("aria-busy");
};
const sameKey = (options, key) => {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(options?.applicationServerKey ?? [])));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") === key.replace(/=+$/, "");
};
const turnOn = async (place, permission) => {
  if ((await permission) !== "granted") return;
  const manager = (await navigator.serviceWorker.ready).pushManager;
  const before = await manager.getSubscription();
  if (before && !sameKey(before.options, place.dataset.key)) await before.unsubscribe();
  const now = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: place.dataset.key });
  const answer = await post(place.dataset.subscribe, ways(now.toJSON()));
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
  remember("notices-of", mine);
};
const turnOff = async (place) => {
  const endpoint = (await subscription())?.endpoint;
  await unsubscribe();
  if (endpoint) await post(place.dataset.unsubscribe, new URLSearchParams({ endpoint }));
};
const turn = async (button) => {
  const place = button.closest("[data-push]");
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const on = place.dataset.state === "on";
  // Asked within the click: browsers want it so.
  const permission = on || Notification.requestPermission();
  try {
    await (on ? turnOff(place) : turnOn(place, permission));
    await show(place);
    // What can be chosen stands on the page when they are on.
    if (on !== (place.dataset.state === "on")) location.reload();
  } catch (error) {
    console.error(error);
    if (!on) await unsubscribe().catch(() => {});
    await show(place, "failed");
  }
};
// The server may have given up what the browser still has: it is told once more.
const startPush = async (place) => {
  await show(place);
  (await navigator.permissions?.query({ name: "notifications" }).catch(() => {}))?.addEventListener("change", () => show(place));
  if (place.dataset.state !== "on") return;
  const answer = await post(place.dataset.subscribe, ways((await subscription()).toJSON()));
  if (answer.status >= 400 && answer.status < 500) await unsubscribe().then(() => show(place));
};

// Somebody signs out: nothing of them stays on this device.
const end = () => {
  remember("owner");
  navigator.serviceWorker?.controller?.postMessage("forget");
  // The worker may be faster.
  forget().catch(() => {});
  unsubscribe().catch(() => {});
};
const checkSession = async () => {
  if (mine === undefined) return;
  // Somebody else signed in.
  if (mine && remembered("owner") !== mine) {
    if (remembered("owner")) await forget();
    remember("owner", mine);
  }
  const before = remembered("notices-of");
  if (before && before !== owner()) await unsubscribe();
  if (await isThere()) await stillAllowed();
  if (mine && !document.hidden) await navigator.clearAppBadge?.();
};

// ---- On the home screen: the steps for this very browser.
const browser = () => {
  const agent = navigator.userAgent;
  if (isInstalled()) return "installed";
  if (isIos) return /CriOS|FxiOS|EdgiOS|OPiOS|OPT\/|GSA|DuckDuckGo|FBAN|FBAV|Instagram/.test(agent) || !/Safari/.test(agent) ? "ios-other" : "ios-safari";
  if (/; wv\)/.test(agent)) return "other";
  const phone = /Android/.test(agent) ? "android" : "desktop";
  if (/SamsungBrowser/.test(agent)) return phone === "android" ? "android-samsung" : "other";
  if (/Firefox\//.test(agent)) return `${phone}-firefox`;
  if (/Chrome\//.test(agent)) return `${phone}-chrome`;
  return /Macintosh.*Safari\//.test(agent) ? "desktop-safari" : "other";
};
const showSteps = () => {
  const steps = [...document.querySelectorAll("[data-browser]")];
  const fitting = steps.some(({ dataset }) => dataset.browser === browser()) ? browser() : "other";
  for (const step of steps) step.hidden = step.dataset.browser !== fitting;
};
let prompt;
// The app has taken over the page, or will not: from here on it may be changed.
let begun = false;
const showInstall = () => begun && document.querySelectorAll("[data-install]").forEach((button) => (button.hidden = !prompt || isInstalled()));
const installNow = async () => {
  await prompt?.prompt();
  prompt = undefined;
  showInstall();
};
addEventListener("appinstalled", () => {
  prompt = undefined;
  showInstall();
});

// ---- A picture from the camera, beside the file that the browser lets one choose.
const offerCamera = (input) => {
  if (!matchMedia("(pointer: coarse)").matches) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn quiet";
  button.textContent = input.dataset.photo;
  button.addEventListener("click", () => {
    input.setAttribute("capture", "environment");
    input.click();
    input.removeAttribute("capture");
  });
  input.after(button);
};

// ---- A device that knows its owner by face, finger or PIN can be offered a passkey at the next sign-in.
const knowsItsOwner = async () => {
  if (document.cookie.includes("passkeys=") || !(await globalThis.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.())) return;
  document.cookie = `passkeys=1; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
};

// ---- What there is on the page, and what comes later: the app draws pages in the same document.
const dress = () => {
  const fresh = (name) => {
    const parts = [...document.querySelectorAll(`[data-${name}]:not([data-dressed])`)];
    for (const part of parts) part.setAttribute("data-dressed", "");
    return parts;
  };
  fresh("keep-offline").forEach((button) => label(button).catch((error) => console.error(error)));
  fresh("push").forEach((place) => startPush(place).catch((error) => console.error(error)));
  if (fresh("browser").length) showSteps();
  if (fresh("install").length) showInstall();
  fresh("photo").forEach(offerCamera);
};
const clicks = [
  ["[data-keep-offline]", (button) => keepOrDrop(button)],
  ["[data-push-switch]", (button) => turn(button)],
  ["[data-install]", () => installNow()],
];
/** What happens on the page, before the app hears of it. */
export const heard = (event) => {
  if (event.type === "beforeinstallprompt") {
    event.preventDefault();
    prompt = event;
    showInstall();
  }
  if (event.type === "submit") submitted(event);
  if (event.type !== "click" || !(event.target instanceof Element)) return;
  for (const [selector, act] of clicks) {
    const button = event.target.closest(selector);
    if (button) act(button);
  }
  const link = event.target.closest("a[href]");
  if (link) followed(event, link);
};
/** Begins: at once with what may not wait, and with what changes the page once the app has taken it over or will not. */
export const start = () => {
  registered.then(checkSession).catch((error) => console.error(error));
  knowsItsOwner().catch((error) => console.error(error));
  if (!navigator.onLine) say(words.offline);
  const root = document.documentElement;
  let watch;
  const begin = () => {
    if (begun || !(watch === undefined || root.matches("[data-hydrated], [data-plain]"))) return;
    begun = true;
    watch?.disconnect();
    dress();
    let soon;
    new MutationObserver(() => {
      clearTimeout(soon);
      soon = setTimeout(dress, 50);
    }).observe(document.body, { childList: true, subtree: true });
  };
  watch = new MutationObserver(begin);
  watch.observe(root, { attributes: true });
  begin();
  setTimeout(() => {
    watch.disconnect();
    watch = undefined;
    begin();
  }, 10_000);
};
