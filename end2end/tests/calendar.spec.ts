import ICAL from "ical.js";
import { expect, expectNoViolations, expectToFit, signIn, test } from "./portal";

// Each way of looking at the portal has an account of its own: an address belongs to an account.
const WHO: Record<string, string> = {
  "with wasm, desktop": "maria",
  "without javascript, desktop": "daniel",
  "with wasm, phone": "carlos",
  "without javascript, phone": "sofia",
};

function events(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown as unknown[]);
  return calendar.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event));
}

test("visits stand in one's own calendar as another program reads them, until the address ends", async ({ page, request, javaScriptEnabled }, { project }) => {
  await signIn(page, WHO[project.name] ?? "maria", "/account/calendar");
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await expectToFit(page);
  await page.getByRole("button", { name: "Make the address" }).click();
  await expect(page.getByText("The address is ready.", { exact: false })).toBeVisible();
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await expectToFit(page);
  const address = await page.locator("#calendar-address").innerText();
  await expect(page.getByRole("link", { name: "Open in my calendar" })).toHaveAttribute("href", address.replace(/^https?/, "webcal"));
  const plain = await request.get(address);
  expect(plain.headers()["content-type"]).toBe("text/calendar; charset=utf-8");
  const told = events(await plain.text());
  expect(new Set(told.map((event) => event.uid)).size).toBe(told.length);
  for (const event of told) {
    expect(event.summary).toMatch(/^(Cancelled: )?Visit/);
    expect(event.startDate.zone.tzid).toBe("UTC");
    expect(event.endDate.compare(event.startDate)).toBeGreaterThanOrEqual(0);
  }

  await page.getByLabel("With the kind of visit", { exact: false }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("This is kept.", { exact: false })).toBeVisible();
  const detailed = events(await (await request.get(address)).text());
  expect(detailed.map((event) => event.uid)).toEqual(told.map((event) => event.uid));

  await page.getByRole("button", { name: "Make a new address" }).click();
  await expect(page.getByText("This is your new address.", { exact: false })).toBeVisible();
  const next = await page.locator("#calendar-address").innerText();
  expect(next).not.toBe(address);
  expect((await request.get(address)).status()).toBe(404);
  expect((await request.get(next)).status()).toBe(200);
  await page.getByRole("button", { name: "End the address" }).click();
  await expect(page.getByText("The address has ended.", { exact: false })).toBeVisible();
  expect((await request.get(next)).status()).toBe(404);
});

test("a visit to come is a file for the calendar, with the hour of the page", async ({ page }) => {
  await signIn(page, "maria");
  await page.goto("/home");
  await page.getByRole("link", { name: /^See visits/ }).first().click();
  const card = page.getByRole("article").filter({ has: page.getByRole("link", { name: /^Add to calendar/ }) }).first();
  const [download] = await Promise.all([page.waitForEvent("download"), card.getByRole("link", { name: /^Add to calendar/ }).click()]);
  expect(download.suggestedFilename()).toBe("visit.ics");
  const stream = await download.createReadStream();
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  const [event, ...others] = events(Buffer.concat(pieces).toString("utf8"));
  expect(others).toEqual([]);
  expect(event.summary).toContain(await card.getByRole("heading", { level: 3 }).innerText());
  const time = event.startDate.toJSDate().toLocaleTimeString("en-US", { timeZone: "America/New_York", hour: "numeric", minute: "2-digit" });
  await expect(card).toContainText(time.toLowerCase().replace(/\s/g, " "));
});
