import ICAL from "ical.js";
import { expect, expectNoViolations, expectToFit, signIn, test } from "./portal";

// Each way of looking at the portal has an account of its own: an address belongs to an account.
const WHO: Record<string, string> = {
  "with wasm, desktop": "maria",
  "without javascript, desktop": "daniel",
  "with wasm, phone": "grace",
  "without javascript, phone": "sofia",
};

// Sofia reads everything in Spanish.
const ENGLISH = {
  make: "Make the address", made: "The address is ready.", open: "Open in my calendar", visit: /^(Cancelled: )?Visit/, details: "With the kind of visit",
  save: "Save", kept: "This is kept.", renew: "Make a new address", renewed: "This is your new address.", end: "End the address", ended: "The address has ended.",
};
const SPANISH: typeof ENGLISH = {
  make: "Crear la dirección", made: "La dirección está lista.", open: "Abrir en mi calendario", visit: /^(Cancelada: )?Consulta/, details: "Con el tipo de consulta",
  save: "Guardar", kept: "Guardado.", renew: "Crear una dirección nueva", renewed: "Esta es su dirección nueva.", end: "Desactivar la dirección", ended: "La dirección ya no funciona.",
};

function events(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown as unknown[]);
  return calendar.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event));
}

test("visits stand in one's own calendar as another program reads them, until the address ends", async ({ page, request, javaScriptEnabled }, { project }) => {
  const who = WHO[project.name] ?? "maria";
  const words = who === "sofia" ? SPANISH : ENGLISH;
  await signIn(page, who, "/account/calendar");
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await expectToFit(page);
  await page.getByRole("button", { name: words.make }).click();
  await expect(page.getByText(words.made, { exact: false })).toBeVisible();
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await expectToFit(page);
  const address = await page.locator("#calendar-address").innerText();
  await expect(page.getByRole("link", { name: words.open })).toHaveAttribute("href", address.replace(/^https?/, "webcal"));
  const plain = await request.get(address);
  expect(plain.headers()["content-type"]).toBe("text/calendar; charset=utf-8");
  const told = events(await plain.text());
  expect(new Set(told.map((event) => event.uid)).size).toBe(told.length);
  for (const event of told) {
    expect(event.summary).toMatch(words.visit);
    expect(event.startDate.zone.tzid).toBe("UTC");
    expect(event.endDate.compare(event.startDate)).toBeGreaterThanOrEqual(0);
  }

  await page.getByLabel(words.details, { exact: false }).check();
  await page.getByRole("button", { name: words.save }).click();
  await expect(page.getByText(words.kept, { exact: false })).toBeVisible();
  const detailed = events(await (await request.get(address)).text());
  expect(detailed.map((event) => event.uid)).toEqual(told.map((event) => event.uid));

  await page.getByRole("button", { name: words.renew }).click();
  await expect(page.getByText(words.renewed, { exact: false })).toBeVisible();
  const next = await page.locator("#calendar-address").innerText();
  expect(next).not.toBe(address);
  expect((await request.get(address)).status()).toBe(404);
  expect((await request.get(next)).status()).toBe(200);
  await page.getByRole("button", { name: words.end }).click();
  await expect(page.getByText(words.ended, { exact: false })).toBeVisible();
  expect((await request.get(next)).status()).toBe(404);
});

test("a visit to come is a file for the calendar, with the hour of the page", async ({ page }) => {
  await signIn(page, "maria");
  await page.goto("/home");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
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
