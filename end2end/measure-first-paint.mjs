// Measures how soon pages are there on a slow phone, beside static pages with the same content: the same HTML, style and font, but no script.
//
//   node end2end/measure-first-paint.mjs [--url URL] [--site-root FOLDER] [--person NAME] [--runs N] [--json]
//
// --url        of a demo server that is running (`scripts/demo`); http://localhost:3000
// --site-root  where that server has its files; target/site
// --person     who signs in at the demo's desk; Maria Rivera
// --runs       of each page and of its static twin, by turns; medians are shown; 5
// --json       all runs, in milliseconds and bytes, instead of tables
//
// The phone: 1.6 Mbit/s down, 750 kbit/s up, 150 ms to the first byte of every answer, a processor four times slower than this one's, a
// browser that was never there before. Nothing else should keep this machine busy meanwhile.
//
// The static twin is compressed with brotli, whether the portal's page is or not: `page sent as` says how that one comes.

import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { launchOptions } from "./chromium.mjs";

const { values: options } = parseArgs({
  options: {
    url: { type: "string", default: "http://localhost:3000" },
    "site-root": { type: "string", default: "target/site" },
    person: { type: "string", default: "Maria Rivera" },
    runs: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const portal = options.url.replace(/\/$/, "");
const siteRoot = options["site-root"];
const runs = Number(options.runs);
if (!(runs > 0)) throw new Error(`--runs ${options.runs}: not a number of runs`);
if (!existsSync(siteRoot)) throw new Error(`${siteRoot}: there is no such folder; scripts/build makes it`);

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: "en-US", timezoneId: "America/New_York" };
const NETWORK = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
const CPU_SLOWDOWN = 4;
/** How long a page may take. */
const PATIENCE = 120_000;

const browser = await chromium.launch(launchOptions);
const stranger = await browser.newContext(PHONE);
const patient = await browser.newContext(PHONE);

// --- the pages ---

/** One tap on the demo's desk, and where the menus lead from there. */
async function findPages() {
  const page = await patient.newPage();
  const href = (place, name) => place.getByRole("link", { name }).first().getAttribute("href");
  await page.goto(`${portal}/sign-in`);
  await page.getByRole("button", { name: `Sign in as ${options.person}`, exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  const visits = await href(page.getByRole("navigation", { name: "Main menu" }), "Visits");
  await page.goto(portal + visits);
  const results = await href(page, "Test results");
  const summary = await href(page, "Health summary");
  await page.close();
  return [
    { name: "sign in", path: "/sign-in", visitor: stranger },
    { name: "home", path: "/home", visitor: patient },
    { name: "visits", path: visits, visitor: patient },
    { name: "test results", path: results, visitor: patient },
    { name: "health summary", path: summary, visitor: patient },
  ];
}

// --- the static twin ---

const twins = new Map();
const twinServer = createServer(answer).listen(0, "127.0.0.1");

const attribute = (tag, name) => tag.match(new RegExp(`\\s${name}="?([^"\\s>]*)`))?.[1];

/** The page as it comes, without its scripts and what is fetched for them and for pages to come, and with its style within. */
async function makeTwin({ path, visitor }) {
  const page = await visitor.request.get(portal + path);
  if (!page.ok() || page.url() !== portal + path) throw new Error(`${path}: ${page.status()} at ${page.url()}`);
  const html = await page.text();
  const styles = new Map();
  for (const [link] of html.matchAll(/<link\b[^>]*>/g)) {
    if (attribute(link, "rel") !== "stylesheet") continue;
    const at = new URL(attribute(link, "href"), portal + path);
    const css = await (await visitor.request.get(at.href)).text();
    // What is beside the style is not beside the page.
    const moved = css.replace(/url\((["']?)(?!data:|#)([^"')]+)\1\)/g, (_, quote, file) => `url(${quote}${new URL(file, at).pathname}${quote})`);
    styles.set(link, `<style>${moved}</style>`);
  }
  if (styles.size === 0 && !/<style\b/.test(html)) throw new Error(`${path}: no style found in the page`);
  const twin = html.replace(/<script\b[^>]*>.*?<\/script>/gs, "").replace(/<link\b[^>]*>/g, (link) => {
    const [rel, as] = [attribute(link, "rel"), attribute(link, "as")];
    const notNeeded = rel === "modulepreload" || rel === "prefetch" || (rel === "preload" && ["fetch", "script"].includes(as));
    return notNeeded ? "" : (styles.get(link) ?? link);
  });
  if (/<template\b/.test(twin)) console.error(`${path}: parts of the page wait for a script, so that its static twin lacks them`);
  twins.set(path, { type: "text/html; charset=utf-8", encoding: "br", body: brotliCompressSync(twin) });
  return { sentAs: page.headers()["content-encoding"] ?? "plain" };
}

const TYPES = { ".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain", ".css": "text/css" };

/** Twins, files of the site as the portal sends them, and whatever else a page shows, which the portal is asked for once. */
async function answer(request, response) {
  const path = request.url;
  try {
    if (!twins.has(path)) twins.set(path, fromSite(path) ?? (await fromPortal(path)));
    const { status, type, encoding, body } = twins.get(path);
    response.writeHead(status ?? 200, { "content-type": type, "content-length": body.length, ...(encoding ? { "content-encoding": encoding } : {}) });
    response.end(body);
  } catch (error) {
    console.error(`${path}: ${error.message}`);
    response.writeHead(502).end();
  }
}

function fromSite(path) {
  const file = join(siteRoot, new URL(path, portal).pathname);
  const type = TYPES[extname(file)];
  if (!type || !existsSync(file)) return undefined;
  return existsSync(`${file}.br`) ? { type, encoding: "br", body: readFileSync(`${file}.br`) } : { type, body: readFileSync(file) };
}

async function fromPortal(path) {
  const found = await patient.request.get(portal + path);
  return { status: found.status(), type: found.headers()["content-type"] ?? "application/octet-stream", body: await found.body() };
}

// --- measuring ---

/** Runs in the page before everything else. */
function watch() {
  const seen = (window.firstPaint = { lcp: 0, lcpElement: "", cls: 0, hydrated: null });
  const observe = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  observe("largest-contentful-paint", ({ startTime, element }) => {
    seen.lcp = startTime;
    seen.lcpElement = element ? `${element.localName}.${element.className}` : "";
  });
  // The worst burst of shifts: five seconds at most, with less than one between two of them.
  let [first, last, burst] = [-Infinity, -Infinity, 0];
  observe("layout-shift", ({ startTime, value, hadRecentInput }) => {
    if (hadRecentInput) return;
    if (startTime - last >= 1000 || startTime - first >= 5000) [first, burst] = [startTime, 0];
    [last, burst] = [startTime, burst + value];
    seen.cls = Math.max(seen.cls, burst);
  });
  new MutationObserver(() => {
    if (document.documentElement?.hasAttribute("data-hydrated")) seen.hydrated ??= performance.now();
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-hydrated"] });
}

/** One visit by a browser that was never there, except that these cookies are in it. */
async function measure(address, cookies, hydrates) {
  const context = await browser.newContext(PHONE);
  try {
    await context.addCookies(cookies);
    const page = await context.newPage();
    await page.addInitScript(watch);
    const session = await context.newCDPSession(page);
    const kinds = new Map();
    const bytes = {};
    const add = (kind, size) => (bytes[kind] = (bytes[kind] ?? 0) + size);
    session.on("Network.requestWillBeSent", ({ redirectResponse }) => redirectResponse && add("other", redirectResponse.encodedDataLength));
    session.on("Network.responseReceived", ({ requestId, response }) => kinds.set(requestId, kindOf(response.mimeType)));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => add(kinds.get(requestId) ?? "other", encodedDataLength));
    await session.send("Network.enable");
    // With the stream of changes the network would never be idle.
    await session.send("Network.setBlockedURLs", { urls: ["*/live"] });
    await session.send("Network.emulateNetworkConditions", NETWORK);
    await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
    await page.goto(address, { timeout: PATIENCE });
    if (hydrates) await page.waitForFunction(() => document.documentElement.hasAttribute("data-hydrated"), null, { timeout: PATIENCE });
    await page.waitForLoadState("networkidle", { timeout: PATIENCE });
    const seen = await page.evaluate(async () => {
      // What was painted last is reported with the next frame.
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      return { fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0, ...window.firstPaint };
    });
    if (!seen.fcp || !seen.lcp) throw new Error(`${address}: nothing was painted`);
    return { ...seen, bytes: { ...bytes, total: Object.values(bytes).reduce((sum, size) => sum + size, 0) } };
  } finally {
    await context.close();
  }
}

function kindOf(mimeType) {
  const kinds = { html: /html/, css: /css/, js: /javascript/, wasm: /wasm/, font: /font|woff/, image: /^image/ };
  return Object.keys(kinds).find((kind) => kinds[kind].test(mimeType)) ?? "other";
}

// --- telling ---

const BYTES = ["html", "css", "font", "js", "wasm", "image", "other", "total"];

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function medians(measured) {
  const of = (pick) => median(measured.map(pick));
  return {
    fcp: of(({ fcp }) => fcp),
    lcp: of(({ lcp }) => lcp),
    cls: of(({ cls }) => cls),
    hydrated: measured[0].hydrated === null ? null : of(({ hydrated }) => hydrated),
    bytes: Object.fromEntries(BYTES.map((kind) => [kind, of(({ bytes }) => bytes[kind] ?? 0)])),
  };
}

function print(results) {
  const ms = (time) => (time === null ? "" : `${Math.round(time)} ms`);
  const kB = (size) => (size ? `${(size / 1000).toFixed(1)} kB` : "");
  table([
    ["page", "FCP", "LCP", "CLS", "hydrated", "static: FCP", "LCP", "CLS", "LCP/static", "page sent as"],
    ...results.map(({ name, sentAs, portal, static: twin }) => [
      name,
      ms(portal.fcp),
      ms(portal.lcp),
      portal.cls.toFixed(3),
      ms(portal.hydrated),
      ms(twin.fcp),
      ms(twin.lcp),
      twin.cls.toFixed(3),
      (portal.lcp / twin.lcp).toFixed(2),
      sentAs,
    ]),
  ]);
  console.log();
  table([
    ["on the wire", ...BYTES, "static: total"],
    ...results.map(({ name, portal, static: twin }) => [name, ...BYTES.map((kind) => kB(portal.bytes[kind])), kB(twin.bytes.total)]),
  ]);
  console.log(`\nmedians of ${runs} runs, ${browser.version()}`);
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) console.log(row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join("  ").trimEnd());
}

// --- the run ---

try {
  const pages = await findPages();
  for (const page of pages) Object.assign(page, await makeTwin(page), { portal: [], twin: [] });
  await new Promise((resolve) => (twinServer.listening ? resolve() : twinServer.once("listening", resolve)));
  const twinOrigin = `http://127.0.0.1:${twinServer.address().port}`;
  for (let run = 1; run <= runs; run++) {
    for (const { name, path, visitor, portal: ours, twin } of pages) {
      process.stderr.write(`run ${run} of ${runs}: ${name}\n`);
      // Whoever has no files of the portal yet does not tell it so, either.
      const cookies = (await visitor.cookies()).filter((cookie) => cookie.name !== "style");
      ours.push(await measure(portal + path, cookies, true));
      twin.push(await measure(twinOrigin + path, [], false));
    }
  }
  const results = pages.map(({ name, path, sentAs, portal, twin }) => ({ name, path, sentAs, portal: medians(portal), static: medians(twin), runs: { portal, static: twin } }));
  if (options.json) console.log(JSON.stringify(results, null, 2));
  else print(results);
} finally {
  twinServer.close();
  twinServer.closeAllConnections();
  await browser.close();
}
