// What a page does before the app runs, and when it cannot run.

// Tabs of one browser know of each other's sessions: one that was opened in a session that has ended, or has become somebody
// else's, asks for its page anew. So does one that the browser kept when somebody left it.
// A page that the service worker kept says nothing of that.
const session = document.querySelector("meta[name=session]");
const mine = session.content;
try {
  if (!("kept" in session.dataset) && localStorage.getItem("session") !== mine) localStorage.setItem("session", mine);
} catch {}
addEventListener("storage", (event) => {
  if (mine && event.key === "session" && event.newValue !== mine) location.reload();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// What makes the portal an app on a phone is loaded when the page is there; what happens is passed on to it, before the app hears it.
let phone;
let early;
for (const kind of ["click", "submit", "beforeinstallprompt"]) {
  addEventListener(kind, (event) => (phone ? phone.heard(event) : kind === "beforeinstallprompt" && (early = event)), true);
}
const loadPhone = async () => {
  phone = await import("/phone.js");
  if (early) phone.heard(early);
  phone.start();
};
const whenThere = () => (globalThis.requestIdleCallback ?? setTimeout)(() => loadPhone().catch(() => {}));
if (document.readyState === "complete") whenThere();
else addEventListener("load", whenThere, { once: true });

// The app cannot go on with a page that something else has changed, such as a translator. From then on it hears of nothing, and
// links and forms are the browser's, as without JavaScript.
let plain = false;
export const fallBack = (error) => {
  console.error(error);
  if (plain) return;
  plain = true;
  for (const kind of ["click", "submit", "input", "keydown"]) {
    addEventListener(kind, (event) => event.stopImmediatePropagation(), true);
  }
  addEventListener("popstate", () => location.reload());
  document.documentElement.removeAttribute("data-hydrated");
  document.documentElement.setAttribute("data-plain", "");
};
const isFatal = (error) => error instanceof WebAssembly.RuntimeError;
addEventListener("error", (event) => {
  if (isFatal(event.error)) fallBack(event.error);
});
addEventListener("unhandledrejection", (event) => {
  if (isFatal(event.reason)) fallBack(event.reason);
});

// Another language is another page: what was typed goes along, but for secrets and files.
const secrets = ["code", "answer", "passcode"];
const fields = () =>
  [...document.querySelectorAll("main form")]
    .flatMap((form) => [...form.elements])
    .filter(({ name, type }) => name && !secrets.includes(name) && !/^(hidden|password|file|submit|button)$/.test(type));
const state = (field) => (/^(checkbox|radio)$/.test(field.type) ? "checked" : "value");
addEventListener("submit", ({ target }) => {
  if (!target.matches(".language")) return;
  try {
    sessionStorage.setItem("typed", JSON.stringify([location.href, fields().map((field) => [field.name, field[state(field)]])]));
  } catch {}
});
try {
  const [page, typed] = JSON.parse(sessionStorage.getItem("typed")) ?? [];
  sessionStorage.removeItem("typed");
  const now = fields();
  if (page === location.href && typed.length === now.length && now.every((field, index) => field.name === typed[index][0])) {
    now.forEach((field, index) => {
      field[state(field)] = typed[index][1];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
} catch {}

// Forms that are kept while somebody types or take files, and questions that depend on answers, bring scripts of their own.
const parts = { "[data-keep], [data-most]": "/keep.js", "[data-shows]": "/questions.js" };
const loadParts = () => {
  for (const [part, script] of Object.entries(parts)) {
    if (!document.querySelector(part)) continue;
    delete parts[part];
    import(script).catch(() => (parts[part] = script));
  }
};
loadParts();
new MutationObserver(loadParts).observe(document.body, { childList: true, subtree: true });

// An open page hears that something changed, and asks for those parts of itself anew: one stream a browser, whose tab passes on to
// the others what it hears.
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`live:${mine}`) : { postMessage() {} };
let counts = {};
const showCounts = () => {
  for (const link of document.querySelectorAll(".menu a, .tabs a")) {
    const count = counts[link.getAttribute("href")];
    if (count) link.dataset.count = count > 99 ? "99+" : count;
    else delete link.dataset.count;
  }
};
let asked;
let missed = false;
const renew = async () => {
  missed = document.hidden;
  const parts = [...document.querySelectorAll("[data-live], [data-every]")];
  if (missed || !parts.length) return;
  const here = location.href;
  const answer = await fetch(here, { headers: { accept: "text/html", "x-by-itself": "1" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (location.href !== here) return;
  for (const part of parts) {
    const now = page.getElementById(part.id);
    if (!now || now.innerHTML === part.innerHTML) continue;
    part.replaceChildren(...now.childNodes);
    const status = document.querySelector("[data-renewed]");
    if (status) status.textContent = status.dataset.renewed;
  }
};
// Where nobody tells of changes, it is asked for every so often, by pages that are looked at; not under somebody's hands.
let beat = 0;
setInterval(() => {
  const part = document.querySelector("[data-every]");
  beat += 1;
  if (!part || document.hidden || beat % part.dataset.every || part.contains(document.activeElement)) return;
  renew().catch(() => {});
}, 1000);
const hear = (kind, data) => {
  if (kind === "count") {
    counts = data;
    showCounts();
  }
  if (kind === "ask" && Object.keys(counts).length) channel.postMessage(["count", counts]);
  if (kind !== "change") return;
  const here = [...document.querySelectorAll("[data-live]")].some(({ dataset }) => data === "all" || !dataset.live || dataset.live === data);
  if (!here) return;
  clearTimeout(asked);
  asked = setTimeout(() => renew().catch(() => (missed = true)), 200);
};
const passOn = (kind, data) => {
  hear(kind, data);
  channel.postMessage([kind, data]);
};
const listen = () =>
  new Promise((resolve) => {
    const stream = new EventSource("/live");
    let lost = false;
    stream.onopen = () => {
      if (lost) passOn("change", "all");
      lost = false;
    };
    stream.onerror = () => {
      lost = true;
      if (stream.readyState === EventSource.CLOSED) resolve(false);
    };
    stream.addEventListener("change", ({ data }) => passOn("change", data));
    stream.addEventListener("count", ({ data }) => passOn("count", JSON.parse(data)));
    stream.addEventListener("ended", () => {
      stream.close();
      resolve(true);
    });
  });
if (mine) {
  channel.onmessage = ({ data: [kind, data] }) => hear(kind, data);
  channel.postMessage(["ask"]);
  new MutationObserver(showCounts).observe(document.body, { childList: true, subtree: true });
  addEventListener("visibilitychange", () => {
    if (missed && !document.hidden) renew().catch(() => {});
  });
  // A server that is gone for a while is asked again after a minute.
  const goOn = (ended) => ended || setTimeout(begin, 60_000);
  const begin = () => (navigator.locks ? navigator.locks.request(`live:${mine}`, listen) : listen()).then(goOn);
  // Not before the page is there.
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
}

// A time that is held is counted down, and given up soon after somebody leaves its pages: long enough to load them anew.
let held;
let sent = false;
addEventListener("submit", () => {
  sent = true;
  setTimeout(() => (sent = false), 10_000);
});
const giveUp = () => {
  if (!held) return;
  const body = new URLSearchParams({ patient: held.patient, id: held.id });
  navigator.sendBeacon("/api/appointments/leave-hold", body);
  held = undefined;
};
const countDown = () => {
  const place = document.querySelector("[data-hold]");
  if (held && place?.dataset.hold !== held.id) {
    // What was sent books it, or changes it.
    if (!sent) giveUp();
    held = undefined;
  }
  if (!place) return;
  const { hold: id, patient, left, over } = place.dataset;
  if (held?.place !== place) held = { id, patient, place, until: performance.now() + left * 1000 };
  const seconds = Math.max(0, Math.round((held.until - performance.now()) / 1000));
  const clock = place.querySelector("b");
  const shown = seconds ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : over;
  if (clock && clock.textContent !== shown) clock.textContent = shown;
};
setInterval(countDown, 1000);
addEventListener("pagehide", () => {
  if (!sent) giveUp();
});
