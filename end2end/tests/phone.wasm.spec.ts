import { createECDH, createPublicKey, verify } from "node:crypto";
import { appendFileSync, cpSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import ece from "http_ece";
import { demo, end, endAll, folder, freePort, serve, SITE } from "./own-server";
import { expect, expectNoViolations, expectToFit, hydrated, signIn, signInAtDesk, test } from "./portal";

// The portal as an app: its service worker, what is kept on the phone, notices, what happens without a network. On a server of its own, since
// it is stopped and deployed anew.
test.use({ serviceWorkers: "allow" });
// One after the other, on one server.
test.describe.configure({ mode: "default" });
test.afterAll(endAll);

/** Words of Maria's health that stand on pages which the test reads. */
const health = new Set(["Maria Rivera", "Rivera", "Allergies", "my knee hurts"]);

let base: string;
let port: number;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  port = await freePort();
  base = `http://localhost:${port}`;
  await demo(port, folder());
});
test.use({ baseURL: ({}, use) => use(base) });

/** Once the worker is there and has the page. */
async function working(page: Page) {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((taken) => navigator.serviceWorker.addEventListener("controllerchange", taken));
  });
}

async function signedIn(page: Page, path = "/home") {
  await signIn(page, "maria", "/home");
  await hydrated(page);
  // The first worker has the page from its next one on.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.goto(path);
  await hydrated(page);
  await working(page);
}

/** Everything that a browser lets a page read of what it has kept, as text. */
const everything = (page: Page) =>
  page.evaluate(async () => {
    const text = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie];
    const paths: string[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = (await cache.match(request, { ignoreVary: true }))!;
        paths.push(new URL(request.url).pathname);
        // What the compiler made of our own code is no text of anybody's.
        if (!/\.(wasm|js|woff2|png)$/.test(request.url)) text.push(request.url, JSON.stringify([...answer.headers]), await answer.text());
      }
    }
    const flat = (value: unknown): string => {
      if (value instanceof CryptoKey) return `key, extractable: ${value.extractable}`;
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new TextDecoder("latin1").decode(value as ArrayBuffer);
      if (value && typeof value === "object") return Object.entries(value).map(([name, inner]) => `${name}: ${flat(inner)}`).join("\n");
      return String(value);
    };
    const stored: Record<string, number> = {};
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((found) => {
        const opening = indexedDB.open(name!);
        opening.onsuccess = () => found(opening.result);
      });
      for (const store of database.objectStoreNames) {
        const values = await new Promise<unknown[]>((found) => {
          const all = database.transaction(store).objectStore(store).getAll();
          all.onsuccess = () => found(all.result);
        });
        stored[store] = values.length;
        text.push(...values.map(flat));
      }
      database.close();
    }
    return { text: text.join("\n"), paths, stored };
  });

async function expectNoHealth(page: Page) {
  const found = await everything(page);
  expect([...health].filter((word) => found.text.includes(word))).toEqual([]);
  return found;
}

async function keepEmergencyCard(page: Page) {
  await page.goto("/go/visits");
  const chart = new URL(page.url()).pathname.split("/").slice(0, 3).join("/");
  await page.goto(`${chart}/health/emergency`);
  await hydrated(page);
  const lines = await page.locator("main .sheet li").allTextContents();
  expect(lines.length).toBeGreaterThan(3);
  lines.forEach((line) => health.add(line));
  await page.getByRole("button", { name: "Keep on this phone" }).click();
  await expect(page.getByText("Kept on this phone. You can open it")).toBeVisible();
  return chart;
}

const nothingKept = (page: Page) => expect.poll(async () => (await everything(page)).stored, { message: "nothing is kept any more" }).toEqual({});

test("the portal can be installed, and its page says how in this browser", async ({ page, context }) => {
  await signedIn(page, "/phone");
  const devtools = await context.newCDPSession(page);
  const { errors, data } = await devtools.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(JSON.parse(data!).id).toBe("/home");
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // A context of a test is a private window.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
  for (const { src, sizes } of [...JSON.parse(data!).icons, ...JSON.parse(data!).screenshots]) {
    const size = await page.evaluate(async (path) => {
      const picture = await createImageBitmap(await (await fetch(path)).blob());
      return `${picture.width}x${picture.height}`;
    }, src);
    expect(size, src).toBe(sizes);
  }
  await expect(page.locator("[data-browser]:visible")).toHaveCount(1);
  await expectNoViolations(page);
  await expectToFit(page);
  // Where the browser offers to install it, a button does.
  await expect(page.getByRole("button", { name: "Install" })).toBeHidden();
  await page.evaluate(() => {
    const offer = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt: async () => (document.title = "asked") });
    dispatchEvent(offer);
  });
  await page.getByRole("button", { name: "Install" }).click();
  await expect(page).toHaveTitle("asked");
});

test("caches have our own files and nothing of anybody, and what is kept is closed", async ({ page, context }) => {
  await signedIn(page);
  const chart = await keepEmergencyCard(page);
  for (const path of [`${chart}/medications`, `${chart}/health/allergies`, `${chart}/messages`, `${chart}/results`, "/phone"]) await page.goto(path);
  const found = await expectNoHealth(page);
  expect(found.stored).toEqual({ keys: 1, items: 1 });
  expect(found.text).toContain("key, extractable: false");
  const ours = /^\/(pkg\/|fonts\/|icons\/|icon\.svg$|offline$|offline\.js$|page\.js$|phone\.js$|card\.js$|verify$|verify\/issuers\.json$)/;
  expect(found.paths.filter((path) => !ours.test(path))).toEqual([]);
  for (const path of ["/offline", "/verify", "/page.js", "/phone.js"]) expect(found.paths).toContain(path);
  await context.setOffline(true);
  await page.goto(`${chart}/medications`);
  await expect(page.getByRole("heading", { name: "You are offline" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "No tiene conexión", includeHidden: true })).toBeHidden();
  await expect(page.getByRole("heading", { name: "Maria Rivera: Emergency card" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Allergies" })).toBeVisible();
  await expectNoViolations(page);
  await expectToFit(page);
  await expectNoHealth(page);
  // The verifier of health cards works here, after a reload too.
  await page.goto("/verify");
  for (let times = 0; times < 2; times++) {
    await expect(page.locator("html")).toHaveAttribute("data-card-reader", "");
    await page.getByLabel(/card/i).first().waitFor();
    await page.reload();
  }
  await context.setOffline(false);
  await page.goto("/offline");
  await page.getByRole("button", { name: /^Remove from this phone/ }).click();
  await expect(page.getByText("Nothing is kept on this phone")).toBeVisible();
  await nothingKept(page);
});

test("signing out destroys what is kept, also without a network", async ({ page, context }) => {
  await signedIn(page);
  await keepEmergencyCard(page);
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out", exact: true }).last().click();
  await page.waitForURL(/sign-in/);
  await nothingKept(page);
  await expectNoHealth(page);
  await signIn(page, "maria", "/home");
  await keepEmergencyCard(page);
  const asked = page.waitForResponse("**/api/phone/still");
  await page.goto("/account");
  await hydrated(page);
  await working(page);
  await asked;
  await context.setOffline(true);
  await page.getByRole("button", { name: "Sign out", exact: true }).last().click();
  await expect(page.getByText("What was kept on this phone is deleted")).toBeVisible();
  await nothingKept(page);
});

test("a session that ends by itself leaves it; another person's sign-in, and its end elsewhere, destroy it", async ({ page, context, browser }) => {
  await signedIn(page);
  await keepEmergencyCard(page);
  await context.clearCookies({ name: "session" });
  await page.goto("/home");
  await expect(page).toHaveURL(/sign-in/);
  await page.waitForTimeout(1500);
  expect((await everything(page)).stored).toEqual({ keys: 1, items: 1 });
  await page.goto("/offline");
  await expect(page.getByRole("heading", { name: "Maria Rivera: Emergency card" })).toBeVisible();
  await signInAtDesk(page, "Ernesto Rivera");
  await nothingKept(page);
  await context.clearCookies();
  await signInAtDesk(page, "Maria Rivera");
  await keepEmergencyCard(page);
  const elsewhere = await browser.newPage({ baseURL: base });
  await signIn(elsewhere, "maria", "/account/devices");
  await elsewhere.getByRole("button", { name: "Sign out everywhere" }).click();
  await elsewhere.waitForURL(/sign-in/);
  await elsewhere.close();
  await page.goto("/phone");
  await nothingKept(page);
});

test("without a network nothing that was typed is lost", async ({ page, context }) => {
  await signedIn(page, "/help/ask");
  const text = page.getByLabel("What happened?");
  await text.fill("my knee hurts");
  await page.getByLabel("What is it about?").selectOption({ index: 1 });
  await context.setOffline(true);
  const line = page.locator("#connection");
  await expect(line).toHaveText("You are offline.");
  await page.getByRole("main").getByRole("button", { name: /send/i }).click();
  await expect(line).toHaveText("You are offline. What you typed is kept on this page; send it when you are connected.");
  await expect(text).toHaveValue("my knee hurts");
  await expectNoViolations(page);
  await page.locator(".back a").click();
  await expect(line).toContainText("To leave it all the same, choose the link again.");
  await expect(text).toHaveValue("my knee hurts");
  await expectNoHealth(page);
  await context.setOffline(false);
  await expect(line).toHaveText("You are connected again.");
  await page.getByRole("main").getByRole("button", { name: /send/i }).click();
  await expect(page).toHaveURL(/help\/asked/);
});

test("a notice is shown, replaced by a newer one, and gone with the sign-out", async ({ page, context }) => {
  await context.grantPermissions(["notifications"], { origin: base });
  await signedIn(page, "/account");
  const devtools = await context.newCDPSession(page);
  let registrationId: string | undefined;
  devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    registrationId = registrations.find(({ scopeURL }) => scopeURL.startsWith(base))?.registrationId ?? registrationId;
  });
  await devtools.send("ServiceWorker.enable");
  await expect.poll(() => registrationId).toBeTruthy();
  // A notice that comes before the worker is active is lost.
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const deliver = (data: string) => devtools.send("ServiceWorker.deliverPushMessage", { origin: base, registrationId: registrationId!, data });
  const shown = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body }) => [title, body]));
  await deliver(JSON.stringify({ title: "MyChart", body: "There is something new in MyChart.", url: "/home", tag: "news", badge: 2 }));
  await expect.poll(shown).toEqual([["MyChart", "There is something new in MyChart."]]);
  await deliver(JSON.stringify({ title: "MyChart", body: "Newer", url: "/home", tag: "news" }));
  await expect.poll(shown).toEqual([["MyChart", "Newer"]]);
  // What cannot be read is shown as a line that is always the same.
  await deliver("no notice {");
  await expect.poll(shown).toContainEqual(["You have news · Tiene novedades", ""]);
  await page.getByRole("button", { name: "Sign out", exact: true }).last().click();
  await page.waitForURL(/sign-in/);
  await expect.poll(shown).toEqual([]);
});

test("a new version waits for what is typed, takes over at the next navigation, and old tabs keep their files", async ({ page, context }) => {
  test.setTimeout(120_000);
  const [own, site, data] = [await freePort(), join(folder(), "site"), folder()];
  cpSync(SITE, site, { recursive: true });
  const url = `http://localhost:${own}`;
  const deploy = () => serve(url, "demo", "--port", String(own), "--data-dir", data, "--site-root", site);
  let server = await deploy();
  const waits = () => page.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration())!.waiting));
  const versions = () => page.evaluate(async () => (await caches.keys()).length);
  await page.goto(`${url}/sign-in`);
  await page.getByRole("button", { name: "Sign in as Maria Rivera", exact: true }).click();
  await page.waitForURL(`${url}/home`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.goto(`${url}/help/ask`);
  await hydrated(page);
  await working(page);
  const old = await context.newPage();
  await old.goto(`${url}/home`);
  await hydrated(old);
  await page.getByLabel("What happened?").fill("something");
  await end(server);
  // A file that old tabs have not asked for yet is of another name in the new version.
  appendFileSync(join(site, "page.js"), "\n// Another version.\n");
  for (const ending of ["br", "gz"]) rmSync(join(site, `page.js.${ending}`), { force: true });
  server = await deploy();
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())!.update());
  await expect.poll(waits).toBe(true);
  await page.waitForTimeout(1500);
  expect(await waits()).toBe(true);
  await expect(page.getByLabel("What happened?")).toHaveValue("something");
  const loads = (tab: Page) => tab.evaluate(async () => (await fetch(document.querySelector<HTMLLinkElement>("link[rel=modulepreload]")!.href)).ok);
  expect(await loads(old)).toBe(true);
  await page.getByLabel("What happened?").fill("");
  await page.goto(`${url}/phone`);
  await expect.poll(waits).toBe(false);
  expect(await loads(old)).toBe(true);
  await old.close();
  await page.goto(`${url}/home`);
  await expect.poll(versions).toBeLessThanOrEqual(2);
  await end(server);
});

test("a notice reaches a push service, encrypted for the browser alone, and signed", async ({ page, browser }) => {
  test.setTimeout(120_000);
  const taken: { body: Buffer; authorization: string }[] = [];
  const service = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    taken.push({ body: Buffer.concat(pieces), authorization: request.headers.authorization! });
    response.writeHead(201).end();
  });
  await new Promise<void>((listening) => service.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(service.address() as { port: number }).port}`;
  const own = await freePort();
  const url = `http://localhost:${own}`;
  const server = await serve(url, "demo", "--fresh", "--port", String(own), "--data-dir", folder(), "--site-root", SITE, "--push-services", origin);
  const browserKey = createECDH("prime256v1");
  const [p256dh, auth] = [browserKey.generateKeys("base64url"), Buffer.alloc(16, 5).toString("base64url")];
  await page.goto(`${url}/sign-in`);
  await page.getByRole("button", { name: "Sign in as Maria Rivera", exact: true }).click();
  await page.waitForURL(`${url}/home`);
  const status = await page.evaluate(
    async (body) => (await fetch("/api/phone/subscribe", { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(body) })).status,
    { endpoint: `${origin}/maria`, p256dh, auth },
  );
  expect(status).toBe(200);
  await page.goto(`${url}/phone`);
  await expect(page.getByLabel("Notices in place of email")).toBeVisible();
  // Whatever hour it is.
  await page.getByLabel("No notices from").selectOption("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Your choices for this device are saved.")).toBeVisible();
  await expectNoViolations(page);
  await page.goto(`${url}/help/ask`);
  await page.getByLabel("What is it about?").selectOption({ index: 1 });
  await page.getByLabel("What happened?").fill("I cannot find my summary");
  await page.getByRole("main").getByRole("button", { name: /send/i }).click();
  await expect(page).toHaveURL(/help\/asked/);
  const number = (await page.getByText(/H-\d{4}-\d{4}/).first().textContent())!.match(/H-\d{4}-\d{4}/)![0];
  const marcus = await browser.newPage({ baseURL: url });
  await signInAtDesk(marcus, "Marcus Lee", "/staff/queue");
  await marcus.getByRole("link", { name: `Open ${number}` }).click();
  await marcus.getByLabel("Answer").fill("It stands below the visit.");
  await marcus.getByRole("button", { name: "Send the answer" }).click();
  await expect(marcus.getByText("The answer is on its way.")).toBeVisible();
  await marcus.close();
  await expect.poll(() => taken.length, { timeout: 20_000 }).toBe(1);
  const plain = ece.decrypt(taken[0].body, { version: "aes128gcm", privateKey: browserKey, authSecret: auth });
  expect(JSON.parse(plain.toString())).toMatchObject({ title: "MyChart", body: "There is something new in MyChart.", url: "/home", tag: "news" });
  const [, signed, signature, key] = /^vapid t=([^.]+\.[^.]+)\.([^,]+), k=(.+)$/.exec(taken[0].authorization)!;
  const point = Buffer.from(key, "base64url");
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  const proof = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const;
  expect(verify("sha256", Buffer.from(signed), proof, Buffer.from(signature, "base64url"))).toBe(true);
  expect(JSON.parse(Buffer.from(signed.split(".")[1], "base64url").toString()).aud).toBe(origin);
  await end(server);
  service.close();
});
