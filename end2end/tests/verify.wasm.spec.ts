import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { chromium, type Page } from "@playwright/test";
import { expect, expectNoViolations, expectToFit, hydrated, signIn, test } from "./portal";

/** Makes a card of Maria's vaccinations and leaves its page open. */
async function makeCard(page: Page, about: string) {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("link", { name: "Health summary" }).click();
  await page.getByRole("link", { name: "Vaccination and test cards" }).click();
  const offer = page.getByRole("article").filter({ hasText: about }).filter({ hasText: "dose" });
  await offer.getByRole("button", { name: "Make the card" }).click();
  await expect(page.getByRole("img", { name: /^QR code/ }).first()).toBeVisible();
  const file = await page.request.get((await page.getByRole("link", { name: "Download for a wallet app" }).getAttribute("href"))!);
  return await file.text();
}

/** The text of a card with a signature that nobody can check. */
function unsigned(claims: { iss: string }) {
  const fhirBundle = { resourceType: "Bundle", entry: [{ resource: { resourceType: "Patient", name: [{ given: ["Fay"] }] } }] };
  const payload = { ...claims, nbf: 1, vc: { type: ["https://smarthealth.cards#health-card"], credentialSubject: { fhirBundle } } };
  const header = { zip: "DEF", alg: "ES256", kid: "x" };
  const parts = [Buffer.from(JSON.stringify(header)), deflateRawSync(JSON.stringify(payload)), Buffer.alloc(64, 1)];
  return parts.map((part) => part.toString("base64url")).join(".");
}

async function openVerifier(page: Page) {
  await page.goto("/verify");
  await hydrated(page);
  await page.waitForFunction(() => document.documentElement.hasAttribute("data-card-reader"));
}

test("a card is checked without a network once the page is open", async ({ page, context }) => {
  const file = await makeCard(page, "COVID-19 vaccinations");
  await openVerifier(page);
  await expectNoViolations(page);
  await context.setOffline(true);
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  const verdict = page.locator("#card-verdict");

  await page.getByLabel("Text of the card").fill(file);
  await page.getByRole("button", { name: "Check the card" }).last().click();
  await expect(verdict.getByRole("heading", { name: "Genuine: issued by Middlesex Health" })).toBeVisible();
  await expect(verdict.getByText("Maria Rivera")).toBeVisible();
  await expect(verdict.getByText(/COVID-19, .* \(CVX \d+\)/).first()).toBeVisible();
  await expect(verdict).toBeFocused();
  await expectToFit(page);
  await expectNoViolations(page);

  await page.getByLabel(/Photo of the QR code/).setInputFiles({ name: "card.smart-health-card", mimeType: "application/octet-stream", buffer: Buffer.from(file) });
  await page.getByRole("button", { name: "Check the card" }).first().click();
  await expect(verdict.getByRole("heading", { name: "Genuine: issued by Middlesex Health" })).toBeVisible();

  // One letter of what was signed is another one: refused, and nothing of it is repeated.
  const jws: string = JSON.parse(file).verifiableCredential[0];
  const at = jws.lastIndexOf(".") + 20;
  await page.getByLabel("Text of the card").fill(jws.slice(0, at) + (jws[at] === "A" ? "B" : "A") + jws.slice(at + 1));
  await page.getByRole("button", { name: "Check the card" }).last().click();
  await expect(verdict.getByRole("heading", { name: "Not genuine" })).toBeVisible();
  await expect(verdict.getByText("Maria Rivera")).toHaveCount(0);
  expect(requests.filter((url) => url.startsWith("http"))).toEqual([]);
  await context.setOffline(false);
});

test("a card in several codes is put together from several photos", async ({ page }) => {
  const file = await makeCard(page, "Other vaccinations");
  const jws: string = JSON.parse(file).verifiableCredential[0];
  const digits = [...jws].map((letter) => String(letter.charCodeAt(0) - 45).padStart(2, "0")).join("");
  const half = Math.ceil(digits.length / 4) * 2;
  await openVerifier(page);
  const verdict = page.locator("#card-verdict");
  const show = async (text: string) => {
    await page.getByLabel("Text of the card").fill(text);
    await page.getByRole("button", { name: "Check the card" }).last().click();
  };
  await show(`shc:/2/2/${digits.slice(half)}`);
  await expect(verdict.getByText("This card has 2 codes, and 1 of them are here.")).toBeVisible();
  await show(`shc:/1/2/${digits.slice(0, half)}`);
  await expect(verdict.getByRole("heading", { name: "Genuine: issued by Middlesex Health" })).toBeVisible();
});

test("several cards are judged each for itself", async ({ page }) => {
  const [one] = JSON.parse(await makeCard(page, "COVID-19 vaccinations")).verifiableCredential;
  await openVerifier(page);
  const verdict = page.locator("#card-verdict");
  const changed = one.slice(0, -20) + (one.at(-20) === "A" ? "B" : "A") + one.slice(-19);
  await page.getByLabel("Text of the card").fill(JSON.stringify({ verifiableCredential: [one, changed] }));
  await page.getByRole("button", { name: "Check the card" }).last().click();
  await expect(verdict.getByRole("heading", { name: "Genuine: issued by Middlesex Health" })).toBeVisible();
  await expect(verdict.getByRole("heading", { name: "Not genuine" })).toBeVisible();
  await expectNoViolations(page);
});

test("a card of an issuer that is not known is not checked, and says so", async ({ page }) => {
  const stranger = unsigned({ iss: "https://elsewhere.example" });
  await openVerifier(page);
  const verdict = page.locator("#card-verdict");
  await page.getByLabel("Text of the card").fill(stranger);
  await page.getByRole("button", { name: "Check the card" }).last().click();
  await expect(verdict.getByRole("heading", { name: "Issuer not known here" })).toBeVisible();
  await expect(verdict.getByText("This page cannot check its signature: anybody could have made it.")).toBeVisible();
  await expect(verdict.getByRole("heading", { name: "What the card says, unchecked" })).toBeVisible();
});

/** The camera is Chromium's own, fed with a film of the codes that the portal drew. */
test("the camera reads a card", async ({ page, baseURL }) => {
  await makeCard(page, "Other vaccinations");
  const [width, height] = [960, 720];
  const frames: number[][] = await page.getByRole("img", { name: /^QR code/ }).evaluateAll(
    (codes, [width, height]) =>
      (codes as HTMLImageElement[]).map((code) => {
        const canvas = Object.assign(document.createElement("canvas"), { width, height });
        const context = canvas.getContext("2d")!;
        context.fillStyle = "white";
        context.fillRect(0, 0, width, height);
        context.drawImage(code, (width - height) / 2 + 30, 30, height - 60, height - 60);
        const { data } = context.getImageData(0, 0, width, height);
        return Array.from({ length: width * height }, (_, at) => data[at * 4]);
      }),
    [width, height],
  );
  expect(frames.length).toBeGreaterThan(0);
  const folder = mkdtempSync(join(tmpdir(), "portal-camera-"));
  const film = join(folder, "codes.y4m");
  const grey = Buffer.alloc((width * height) / 2, 128);
  const pictures = frames.flatMap((frame) => Array.from({ length: 10 }, () => [Buffer.from("FRAME\n"), Buffer.from(frame), grey]));
  writeFileSync(film, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...pictures.flat()]));

  const { launchOptions } = test.info().project.use;
  const camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`];
  const browser = await chromium.launch({ ...launchOptions, args: [...(launchOptions?.args ?? []), ...camera] });
  try {
    const school = await (await browser.newContext({ baseURL, permissions: ["camera"] })).newPage();
    await openVerifier(school);
    await school.getByRole("button", { name: "Scan with the camera" }).click();
    await expect(school.getByRole("heading", { name: "Genuine: issued by Middlesex Health" })).toBeVisible({ timeout: 20_000 });
    await expect(school.locator("#card-verdict").getByText("Maria Rivera")).toBeVisible();
    await expect(school.locator("#card-video")).toBeHidden();
    // Closed, the camera is free again.
    await school.getByRole("button", { name: "Scan with the camera" }).click();
    await school.getByRole("button", { name: "Close the camera" }).click();
    await expect(school.locator("#card-video")).toBeHidden();
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
});
