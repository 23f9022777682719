import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "@playwright/test";
import { chromium } from "@playwright/test";
import { launchOptions } from "../chromium.mjs";
import { answers, end, endAll, folder, freePort, SITE, start } from "./own-server";
import { expect, expectNoViolations, expectToFit, test } from "./portal";

// Servers that are killed, and a browser with a camera that is none: of this test's own.
const SERVER = process.env.SERVER_BIN ?? join(import.meta.dirname, "../../target/release/server");
const TURN = "/usr/bin/turnserver";

let browser: Browser;
let base: string;
let port: number;
let data: string;
let server: ReturnType<typeof start>;

const run = (...more: string[]) => start(SERVER, "demo", "--port", String(port), "--data-dir", data, "--site-root", SITE, ...more);

test.beforeAll(async () => {
  test.setTimeout(90_000);
  const fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
  browser = await chromium.launch({ ...launchOptions, args: [...launchOptions.args, ...fake] });
  port = await freePort();
  base = `http://localhost:${port}`;
  data = folder();
  server = run("--fresh");
  await answers(`${base}/readyz`);
});
test.afterAll(async () => {
  await browser?.close();
  await endAll();
});

/** A browser of somebody's own; what connections its pages make can be asked. */
async function device(use: BrowserContextOptions, username?: string) {
  const context = await browser.newContext({ ...use, baseURL: base });
  await context.addInitScript(() => {
    const Real = RTCPeerConnection;
    const made: RTCPeerConnection[] = [];
    Object.assign(window, { made });
    window.RTCPeerConnection = class extends Real {
      constructor(...all: ConstructorParameters<typeof Real>) {
        super(...all);
        made.push(this);
      }
    };
  });
  const page = await context.newPage();
  if (username) await page.request.post("/demo/sign-in", { form: { username }, headers: { origin: base } });
  return page;
}

const received = (page: Page) =>
  page.evaluate(async () => {
    let [frames, relays] = [0, 0];
    for (const pc of (window as unknown as { made: RTCPeerConnection[] }).made) {
      if (pc.connectionState !== "connected") continue;
      const stats = await pc.getStats();
      for (const report of stats.values()) {
        if (report.type === "inbound-rtp" && report.kind === "video") frames += report.framesDecoded ?? 0;
        if (report.type === "candidate-pair" && report.nominated && stats.get(report.localCandidateId)?.candidateType === "relay") relays += 1;
      }
    }
    return { frames, relays };
  });

/** Pictures arrive, and are not only expected. */
async function expectPictures(page: Page) {
  const { frames } = await received(page);
  await expect.poll(async () => (await received(page)).frames, { timeout: 15_000 }).toBeGreaterThan(frames + 5);
}

const call = (page: Page, state: string) => page.waitForSelector(`html[data-call="${state}"]`, { timeout: 25_000 });

async function joins(page: Page) {
  await call(page, "lobby");
  await page.locator("[data-act=join]").click();
}

async function rooms(use: BrowserContextOptions) {
  const [patient, clinician] = [await device(use, "sofia"), await device(use, "torres")];
  await patient.goto("/home");
  await patient.locator('a[href$="/video"]').first().click();
  await clinician.goto("/staff/video");
  await clinician.locator('main a[href$="/video"]').filter({ hasText: /Start the visit|Open/ }).first().click();
  return { patient, clinician };
}

test("a visit is held, survives a killed server, has a guest, and is over for everybody", async ({ javaScriptEnabled }, { project }) => {
  test.skip(javaScriptEnabled === false, "sound and picture need a script");
  test.setTimeout(180_000);
  const { patient, clinician } = await rooms(project.use);
  await call(patient, "lobby");
  await expectNoViolations(patient);
  await expectToFit(patient);
  await joins(patient);
  await joins(clinician);
  for (const page of [patient, clinician]) {
    await call(page, "connected");
    await expectPictures(page);
    await expectNoViolations(page);
    await expectToFit(page);
  }
  // The server is gone, the visit is not; and a page that is loaded anew is in it again.
  await end(server);
  await expect(patient.locator("[data-part=says]")).not.toBeEmpty({ timeout: 10_000 });
  await expectPictures(patient);
  server = run();
  await answers(`${base}/readyz`);
  await expect(patient.locator("[data-part=says]")).toBeEmpty({ timeout: 20_000 });
  await patient.reload();
  await call(patient, "connected");
  await expectPictures(clinician);
  // A guest comes by a link, which is made beside the room.
  const invite = await clinician.context().newPage();
  await invite.goto(new URL(clinician.url()).pathname.replace(/video$/, "guests"));
  await invite.getByRole("main").locator("summary").click();
  await invite.getByLabel("Who is it for?").fill("Interpreter");
  await invite.getByRole("main").getByRole("button", { name: "Make a link" }).click();
  const link = await invite.getByLabel("Link to send: Interpreter").inputValue();
  await expectNoViolations(invite);
  const guest = await device(project.use);
  await guest.goto(new URL(link).pathname);
  await guest.getByLabel("Your name").fill("Ana Ruiz");
  await guest.getByRole("main").getByRole("button", { name: "Go on" }).click();
  await joins(guest);
  await call(guest, "connected");
  await expectPictures(guest);
  await patient.locator("[data-act=people]").click();
  await patient.locator("[data-part=people] .person button").first().click();
  await patient.locator("[data-act=leave-yes]").click();
  await call(guest, "ended");
  await guest.goto(new URL(link).pathname);
  await expect(guest.getByText("This link does not work")).toBeVisible();
  // What was written is kept, since both agree.
  await patient.locator("[data-act=chat]").click();
  await patient.locator("#video-text").fill("Hola, doctor");
  await patient.locator("#video-text").press("Enter");
  await clinician.locator("[data-act=chat]").click();
  await expect(clinician.locator("[data-part=chat] .said__text")).toHaveText("Hola, doctor");
  for (const page of [patient, clinician]) await page.locator("[data-part=keep]").check();
  await expect(clinician.locator("[data-part=keeps]")).toContainText("2");
  await clinician.locator("[data-act=people]").click();
  await clinician.locator("[data-act=end]").click();
  await clinician.locator("[data-act=leave-yes]").click();
  for (const page of [patient, clinician]) await call(page, "ended");
  await patient.goto(new URL(patient.url()).pathname.replace(/\/video$/, ""));
  await patient.locator('a[href$="/chat"]').click();
  await expect(patient.getByText("Hola, doctor")).toBeVisible();
  await expectNoViolations(patient);
});

test("without a script one reads when it is and with whom, and is called instead", async ({ javaScriptEnabled }, { project }) => {
  test.skip(javaScriptEnabled !== false, "for pages without a script");
  const page = await device(project.use, "sofia");
  await page.goto("/home");
  await page.locator('a[href$="/video"]').first().click();
  await expect(page.getByText("Miguel Torres")).toBeVisible();
  await expectToFit(page);
  await page.getByLabel("Su número de teléfono").fill("860-555-0123");
  await page.getByRole("button", { name: "Prefiero que me llamen" }).click();
  await expect(page.getByText("860-555-0123")).toBeVisible();
  const staff = await device(project.use, "priya");
  await staff.goto("/staff/video");
  await staff.getByRole("article").filter({ hasText: "860-555-0123" }).getByRole("button", { name: "Mark as called" }).first().click();
  await expect(staff.getByText("Called by Priya Shah").first()).toBeVisible();
});

test("a visit goes through the relay alone", async ({ javaScriptEnabled }, { project }) => {
  test.skip(javaScriptEnabled === false || project.name !== "with wasm, desktop" || !existsSync(TURN), "where coturn is installed, once");
  test.setTimeout(120_000);
  const [relay, secret] = [await freePort(), join(folder(), "turn.secret")];
  writeFileSync(secret, "north");
  start(TURN, "-n", "-L", "127.0.0.1", "-p", String(relay), "--use-auth-secret", "--static-auth-secret=north", "--realm=portal", "--no-tls", "--no-dtls", "--no-cli", "--allow-loopback-peers");
  await end(server);
  server = run("--fresh", "--turn-url", `turn:127.0.0.1:${relay}?transport=udp`, "--turn-secret-file", secret, "--turn-relay-only");
  await answers(`${base}/readyz`);
  const { patient, clinician } = await rooms(project.use);
  await joins(patient);
  await joins(clinician);
  for (const page of [patient, clinician]) {
    await call(page, "connected");
    await expectPictures(page);
    expect((await received(page)).relays).toBeGreaterThan(0);
  }
});
