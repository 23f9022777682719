import type { Page } from "@playwright/test";
import { endAll, ownDemo } from "./own-server";
import { expect, expectNoViolations, expectToFit, signIn, signInAtDesk, test } from "./portal";

// The clock is moved to the days before a visit, which would be in the way of the others: a server of its own.
let base: string;

test.beforeAll(async () => {
  test.setTimeout(60_000);
  base = await ownDemo();
});
test.afterAll(endAll);

async function look(page: Page, javaScriptEnabled?: boolean) {
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await expectToFit(page);
}

test("somebody checks in step by step, on two devices, says that they are there, and the office asks them in", async ({ browser, javaScriptEnabled }, { project }) => {
  test.setTimeout(120_000);
  const device = async () => {
    const context = await browser.newContext({ ...project.use, baseURL: base });
    return context.newPage();
  };
  const page = await device();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  await signIn(page, "maria", "/home");
  // The first visit to which somebody goes, and how many days ahead it is.
  const chart = (await page.locator('a[href*="/visits"]').first().getAttribute("href"))!.match(/\/p\/[^/]+/)![0];
  await page.goto(`${chart}/visits`);
  const card = page.locator("article.card").filter({ hasText: "Office visit" }).first();
  const visit = new URL((await card.getByRole("link", { name: /^Details/ }).getAttribute("href"))!, `${base}${chart}/`).pathname;
  await page.goto(`${visit}/check-in`);
  await expect(page.getByText("You can check in from")).toBeVisible();
  await look(page, javaScriptEnabled);
  const move = async (at: string) => {
    const moved = await page.request.post(`${base}/demo/clock`, { form: { at }, headers: { origin: base }, maxRedirects: 0 });
    expect(moved.status()).toBeLessThan(400);
  };
  const calendar = await (await page.request.get(`${base}${visit}/calendar.ics`)).text();
  const begins = calendar.match(/DTSTART[^:]*:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/)!.slice(1).map(Number);
  const utc = /DTSTART:/.test(calendar);
  expect(utc || begins.length === 5).toBe(true);
  const local = (minutes: number) => {
    const at = new Date(Date.UTC(begins[0], begins[1] - 1, begins[2], begins[3], begins[4]) + minutes * 60_000);
    if (!utc) return at.toISOString().slice(0, 16);
    const told = new Intl.DateTimeFormat("sv-SE", { timeZone: "America/New_York", dateStyle: "short", timeStyle: "short" });
    return told.format(at).replace(" ", "T");
  };
  await move(local(-3 * 24 * 60));
  await page.goto(`${visit}/check-in`);
  await look(page, javaScriptEnabled);
  await page.getByRole("link", { name: "Begin" }).click();
  await expect(page.getByText(/Step 1 of [78]/)).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.getByRole("button", { name: "This is right" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Insurance" })).toBeVisible();
  await look(page, javaScriptEnabled);
  // Left here, and gone on with elsewhere.
  const other = await device();
  other.on("pageerror", (error) => complaints.push(error.message));
  await signIn(other, "maria", "/home");
  await other.goto(`${visit}/check-in`);
  await expect(other.getByText(/1 of [78] steps done/)).toBeVisible();
  await other.getByRole("link", { name: "Go on" }).click();
  await other.getByRole("button", { name: /^(This is right|No insurance)$/ }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Medications" })).toBeVisible();
  await look(other, javaScriptEnabled);
  const medicine = other.locator("fieldset").first();
  await medicine.getByLabel("Taken differently").check();
  await other.getByRole("button", { name: "Save and go on" }).click();
  // Not without words: what was chosen is there still.
  await expect(other.locator(".error-summary")).toBeVisible();
  await expect(other.locator("fieldset").first().getByLabel("Taken differently")).toBeChecked();
  await look(other, javaScriptEnabled);
  await other.locator('input[name^="words["]').first().fill("Only in the evening");
  await other.getByRole("button", { name: "Save and go on" }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Allergies" })).toBeVisible();
  await look(other, javaScriptEnabled);
  await other.getByRole("button", { name: "Save and go on" }).click();
  // A questionnaire: what an answer brings up is shown at once, or before anything is sent.
  await expect(other.getByRole("heading", { level: 1, name: "Health questions" })).toBeVisible();
  await look(other, javaScriptEnabled);
  await other.getByRole("button", { name: "Begin" }).click();
  await other.getByLabel("What would you like to talk about?").fill("My knee");
  await other.getByLabel("None of these").check();
  await other.getByRole("group", { name: "Do you smoke?" }).getByLabel("Yes").check();
  await other.getByRole("group", { name: /^Have you fallen/ }).getByLabel("No", { exact: true }).check();
  const cigarettes = other.getByLabel("How many cigarettes a day?");
  if (javaScriptEnabled === false) {
    await expect(cigarettes).toBeHidden();
    await other.getByRole("button", { name: "Send the answers" }).click();
  }
  await expect(cigarettes).toBeVisible();
  await look(other, javaScriptEnabled);
  await cigarettes.fill("many");
  await other.getByRole("button", { name: "Send the answers" }).click();
  await expect(other.locator(".error-summary").getByRole("link", { name: /^How many cigarettes/ })).toBeVisible();
  await expect(other.getByLabel("How many cigarettes a day?")).toHaveValue("many");
  await expect(other.getByLabel("What would you like to talk about?")).toHaveValue("My knee");
  await other.getByLabel("How many cigarettes a day?").fill("5");
  await other.getByRole("button", { name: "Send the answers" }).click();
  await expect(other.getByText("Answered on")).toBeVisible();
  // Documents: one is signed, one is refused.
  await other.goto(`${visit}/check-in/consents`);
  await look(other, javaScriptEnabled);
  await other.getByRole("link", { name: "Read and decide" }).first().click();
  await other.getByLabel("I have read this and I agree").check();
  await other.getByLabel("Your name, as your signature").fill("Somebody Else");
  await other.getByRole("button", { name: "Save my decision" }).click();
  await expect(other.locator(".error-summary")).toBeVisible();
  await look(other, javaScriptEnabled);
  await other.getByLabel("Your name, as your signature").fill("Maria Rivera");
  await other.getByRole("button", { name: "Save my decision" }).click();
  await other.getByLabel("I do not agree").check();
  await other.getByRole("button", { name: "Save my decision" }).click();
  await expect(other.getByRole("heading", { name: "Documents to sign" })).toBeVisible();
  await other.getByRole("link", { name: "Go on" }).click();
  // What is due is paid later.
  const later = other.getByRole("button", { name: /^(Pay later|Go on)$/ });
  await expect(later.or(other.getByRole("heading", { level: 1, name: "Your arrival" })).first()).toBeVisible();
  if (await later.count()) await later.click();
  await expect(other.getByRole("heading", { level: 1, name: "Your arrival" })).toBeVisible();
  await other.getByLabel("Phone number to text or call on the day").fill("860-555-0100");
  await look(other, javaScriptEnabled);
  await other.getByRole("button", { name: "Save and go on" }).click();
  await expect(other.getByText("You are checked in.")).toBeVisible();
  await look(other, javaScriptEnabled);
  for (const path of ["/home", `${chart}/visits`]) {
    await page.goto(path);
    await expect(page.getByRole("link", { name: /^Checked in/ }).first()).toBeVisible();
    await look(page, javaScriptEnabled);
  }
  // On the day.
  await move(local(-10));
  await page.goto(visit);
  await look(page, javaScriptEnabled);
  await page.getByRole("link", { name: "I’m here" }).click();
  await look(page, javaScriptEnabled);
  await page.getByRole("button", { name: "I’m here" }).click();
  await expect(page.getByText("You are next.")).toBeVisible();
  await look(page, javaScriptEnabled);
  const desk = await device();
  await signInAtDesk(desk, "Priya Shah", "/staff/check-in");
  await desk.getByLabel("Department").selectOption({ label: "Family Medicine, Middletown" });
  await desk.getByRole("button", { name: "Show" }).click();
  const line = desk.getByRole("article").filter({ hasText: "Maria Rivera" });
  await expect(line.getByText("Waits since")).toBeVisible();
  await look(desk, javaScriptEnabled);
  await line.getByRole("link", { name: "Open" }).click();
  await look(desk, javaScriptEnabled);
  await desk.getByLabel("Where to").fill("Room 4");
  await desk.getByRole("button", { name: "Ask in" }).click();
  await expect(desk.getByText("Their page says so.")).toBeVisible();
  // The open page says so by itself; without scripts it is looked at again.
  if (javaScriptEnabled === false) await page.reload();
  await expect(page.getByText("Please come in now: Room 4")).toBeVisible({ timeout: 40_000 });
  await look(page, javaScriptEnabled);
  await desk.goto("/staff/check-in");
  await desk.getByRole("link", { name: "Check-in settings" }).click();
  await expect(desk.getByRole("heading", { name: "Code for the door" })).toBeVisible();
  await look(desk, javaScriptEnabled);
  const door = (await desk.locator("p.meta").filter({ hasText: "/arrive/" }).innerText()).trim();
  await page.goto(new URL(door).pathname);
  await expect(page.getByRole("heading", { name: "Visits today" })).toBeVisible();
  await look(page, javaScriptEnabled);
  expect(complaints).toEqual([]);
});
