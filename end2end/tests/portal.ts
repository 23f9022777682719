import { createHmac } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page } from "@playwright/test";

export const PASSWORD = "demo household";

/** Every test fails when the browser complains: a hydration that went wrong says so on the console. */
export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        // The browser itself reports answers that are errors, and pages that were left early; some tests are about these.
        const ofTheBrowser = /^Failed to load resource|ViewTransition opt-in disabled|was preloaded using link preload|Service Worker registration blocked by Playwright/;
        if (["error", "warning"].includes(message.type()) && !ofTheBrowser.test(message.text())) {
          complaints.push(message.text());
        }
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

const STAFF: Record<string, string> = { priya: "Priya Shah", marcus: "Marcus Lee", dana: "Dana Ortiz", ruth: "Ruth Adler", hale: "Dr. Susan Hale", torres: "Dr. Miguel Torres", nora: "Nora Feld" };

/** One tap on the demo's desk. */
export async function signInAtDesk(page: Page, name: string, path = "/home") {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: `Sign in as ${name}`, exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  if (path !== "/home") await page.goto(path);
}

/** Signs in through the form, as everybody does; staff, whose second step has a test of its own, at the desk. */
export async function signIn(page: Page, username: string, path = "/home") {
  if (STAFF[username]) return signInAtDesk(page, STAFF[username], path);
  await page.goto(path);
  await page.getByLabel("User name").or(page.getByLabel("Nombre de usuario")).fill(username);
  await page.getByLabel(/^(Password|Contraseña)$/).fill(PASSWORD);
  await page.getByRole("main").getByRole("button", { name: /^(Sign in|Iniciar sesión)$/ }).first().click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** The code of an authenticator app at this moment (RFC 6238). */
export function oneTimeCode(secret: string, at = Date.now()) {
  const bits = [...secret.replace(/\s/g, "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const offset = hash[19] & 15;
  return ((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).toString().padStart(6, "0");
}

/** The newest letter to an address, in the demo's outbox. */
export async function newestLetter(page: Page, recipient: string) {
  await page.goto("/demo/outbox");
  return page.getByRole("article").filter({ hasText: `To ${recipient},` }).first();
}

/** Waits until the wasm has taken over the page. */
export async function hydrated(page: Page) {
  await page.waitForFunction(() => document.documentElement.hasAttribute("data-hydrated"));
}

export async function expectNoViolations(page: Page) {
  // A page that is on its way has none yet.
  await expect(page.locator("h1").first()).toBeAttached();
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  expect(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).join(", ")}`)).toEqual([]);
  // A label leads to the first element with its id, and axe does not look into what is folded.
  const ids = await page.evaluate(() => Array.from(document.querySelectorAll("[id]"), (found) => found.id));
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
}

/** A picture of a QR code on the page, as sharp as a phone shows it: with three points for each of the page's. */
export async function photoOf(code: Locator) {
  const browser = code.page().context().browser()!;
  const page = await browser.newPage({ viewport: { width: 400, height: 400 }, deviceScaleFactor: 3 });
  await page.setContent(`<body style="margin:0"><img width="400" height="400" alt="" src="${await code.getAttribute("src")}">`);
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

/** Nothing scrolls sideways. */
export async function expectToFit(page: Page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(content).toBeLessThanOrEqual(window);
}
