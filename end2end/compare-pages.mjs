// Compares all kinds of pages of two portals, such as one of before a change and one of after it: their words, their pictures, and where
// their links lead.
//
//   node end2end/compare-pages.mjs --before URL --after URL [--out FOLDER] [--people NAMES]
//
// --before, --after  two demo servers that are running, with fresh data, begun in the same minute
// --out              where pictures of pages that differ are kept, before and after; compared-pages
// --people           who signs in at the demo's desk, separated by commas
//
// Each person's pages are found by their links, one of each kind: an address with other ids is the same kind. Pages are read without scripts, at
// 390 px in light and at 1280 px in dark. Times of day are not compared, nor are pages that always differ. It ends with 1 when pages differ.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { launchOptions } from "./chromium.mjs";

const { values: options } = parseArgs({
  options: {
    before: { type: "string" },
    after: { type: "string" },
    out: { type: "string", default: "compared-pages" },
    people: { type: "string", default: "Maria Rivera,Ernesto Rivera,Sofia Morales,Nora Feld,Dana Ortiz" },
  },
});
if (!options.before || !options.after) throw new Error("--before URL and --after URL are needed");
const sides = [options.before, options.after].map((url) => url.replace(/\/$/, ""));
mkdirSync(options.out, { recursive: true });

const LOOKS = [
  { name: "390", viewport: { width: 390, height: 844 }, colorScheme: "light" },
  { name: "1280", viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
];
/** What is drawn anew each time: secrets, letters with links, codes of addresses. */
const ALWAYS_DIFFERENT = ["/demo/outbox", "/account/second-step/app", "/staff/check-in/{id}"];
/** So many pixels of a picture may differ: a minute that went by. */
const PIXELS = 400;

const browser = await chromium.launch(launchOptions);
const judge = await (await browser.newContext()).newPage();
const kindOf = (path) => path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}").replace(/\d{4}-\d{2}-\d{2}/g, "{day}");
const words = (text) => text.replace(/\b\d{1,2}:\d{2}( ?[AP]M)?/g, "{time}").replace(/\b\d{6}\b/g, "{code}").split("\n").map((line) => line.trim()).filter(Boolean);

/** How many pixels two pictures differ in; all of them when their sizes do. */
const differing = (one, other) =>
  judge.evaluate(
    async (both) => {
      const [a, b] = await Promise.all(
        both.map(async (data) => {
          const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
          const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
          context.drawImage(image, 0, 0);
          return context.getImageData(0, 0, image.width, image.height);
        }),
      );
      if (a.width !== b.width || a.height !== b.height) return a.width * a.height;
      let count = 0;
      for (let at = 0; at < a.data.length; at += 4) {
        const far = [0, 1, 2].some((channel) => Math.abs(a.data[at + channel] - b.data[at + channel]) > 24);
        if (far) count += 1;
      }
      return count;
    },
    [one, other].map((picture) => picture.toString("base64")),
  );

async function signIn(portal, person) {
  const context = await browser.newContext({ locale: "en-US", timezoneId: "America/New_York", javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${portal}/sign-in`);
  await page.getByRole("button", { name: `Sign in as ${person}`, exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  return page;
}

/** The links of a page within the portal, by kind and words. */
const linksOf = (page) =>
  page.$$eval("a[href]", (links) =>
    links
      .map((link) => ({ href: link.getAttribute("href"), words: (link.getAttribute("aria-label") ?? link.textContent).trim() }))
      .filter(({ href }) => href.startsWith("/") && !href.startsWith("/files") && !/sign-out|\.(csv|pdf|ics|json|txt)/.test(href)),
  );

let faults = 0;
const told = (what) => {
  faults += 1;
  console.log(what);
};

for (const person of options.people.split(",")) {
  const pages = await Promise.all(sides.map((portal) => signIn(portal, person)));
  const waiting = [[new URL(pages[0].url()).pathname, new URL(pages[1].url()).pathname]];
  const known = new Set([kindOf(waiting[0][0])]);
  let read = 0;
  while (waiting.length > 0) {
    const paths = waiting.shift();
    const kind = kindOf(paths[0]);
    const answers = await Promise.all(pages.map((page, side) => page.goto(sides[side] + paths[side], { waitUntil: "load" })));
    if (answers.some((answer) => !answer.headers()["content-type"]?.startsWith("text/html"))) continue;
    read += 1;
    const [before, after] = await Promise.all(pages.map(async (page) => words(await page.locator("body").innerText())));
    const lost = before.filter((line) => !after.includes(line));
    const added = after.filter((line) => !before.includes(line));
    const moved = lost.length + added.length === 0 && before.join("\n") !== after.join("\n");
    if (answers[0].status() !== answers[1].status()) told(`${person} ${kind}: ${answers[0].status()} before, ${answers[1].status()} after`);
    if (lost.length + added.length > 0 || moved) {
      told(`${person} ${kind}: ${moved ? "the same words in another order" : ""}`);
      for (const line of lost) console.log(`  - ${line}`);
      for (const line of added) console.log(`  + ${line}`);
    }
    for (const look of LOOKS) {
      const pictures = [];
      for (const page of pages) {
        await page.setViewportSize(look.viewport);
        await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
        pictures.push(await page.screenshot({ fullPage: true, animations: "disabled" }));
      }
      const count = await differing(...pictures);
      const name = `${person.split(" ")[0]}${kind}`.replace(/[^A-Za-z0-9]+/g, "-");
      if (count > PIXELS) {
        told(`${person} ${kind} at ${look.name}: ${count} pixels`);
        pictures.forEach((picture, side) => writeFileSync(join(options.out, `${name}-${look.name}-${side ? "after" : "before"}.png`), picture));
      }
    }
    const [from, to] = await Promise.all(pages.map(linksOf));
    for (const link of from) {
      const linkKind = kindOf(link.href);
      const same = to.find((other) => kindOf(other.href) === linkKind && other.words === link.words);
      if (!same) {
        if (!/\d{1,2}:\d{2}/.test(link.words)) told(`${person} ${kind}: no link any more to ${linkKind} (${link.words})`);
        continue;
      }
      if (known.has(linkKind) || ALWAYS_DIFFERENT.includes(linkKind)) continue;
      known.add(linkKind);
      waiting.push([link.href, same.href]);
    }
  }
  console.log(`${person}: ${read} kinds of pages`);
  for (const page of pages) await page.context().close();
}
await browser.close();
process.exitCode = faults > 0 ? 1 : 0;
