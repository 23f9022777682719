import type { Page } from "@playwright/test";
import { expect, expectNoViolations, expectToFit, signIn, test } from "./portal";

// Each way of looking at the portal has a family of its own: nobody takes the time that another chose.
const WHO: Record<string, { user: string; given: string; kind: string; spanish?: boolean; other?: boolean }> = {
  "with wasm, desktop": { user: "maria", given: "Maria", kind: "Annual physical" },
  "without javascript, desktop": { user: "daniel", given: "Noah", kind: "Well-child visit", other: true },
  "with wasm, phone": { user: "grace", given: "Harold", kind: "Annual physical", other: true },
  "without javascript, phone": { user: "sofia", given: "Sofia", kind: "Chequeo anual", spanish: true },
};

const ENGLISH = {
  book: "Book a visit", times: "See times: ", reason: "What is it for?", same: "The same as last time", review: "Review", booked: "The visit is booked.", details: "Details and changes",
  cancel: "Cancel the visit", sick: "Too sick to come", cancelled: "The visit is cancelled.", move: "Move to another time", moved: "The visit has its new time.", words: "Yearly check-up </textarea><b>",
  bookIt: (who: string) => `Book this visit${who}`, moveIt: (who: string) => (who ? `Move ${who.slice(5)}’s visit here` : "Move the visit here"), off: (who: string) => (who ? `Cancel ${who.slice(5)}’s visit` : "Cancel this visit"),
};
const SPANISH: typeof ENGLISH = {
  book: "Reservar una consulta", times: "Ver horas: ", reason: "¿Para qué es?", same: "El mismo de la última vez", review: "Revisar", booked: "La consulta está reservada.", details: "Detalles y cambios",
  cancel: "Cancelar la consulta", sick: "Demasiado enfermo para venir", cancelled: "La consulta está cancelada.", move: "Cambiar de hora", moved: "La consulta tiene su nueva hora.", words: "Revisión anual </textarea><b>",
  bookIt: () => "Reservar esta consulta", moveIt: () => "Cambiar la consulta a esta hora", off: () => "Cancelar esta consulta",
};

async function visitsOf(page: Page, given: string) {
  await page.goto("/people");
  const href = await page.getByRole("main").locator(`a[href*="/p/"]`).filter({ hasText: given }).first().getAttribute("href");
  await page.goto(`/p/${href!.split("/")[2]}/visits`);
}

async function look(page: Page, javaScriptEnabled?: boolean) {
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await expectToFit(page);
}

test("a visit is booked, moved and cancelled, each step looked over", async ({ page, javaScriptEnabled }, { project }) => {
  const { user, given, kind, spanish, other } = WHO[project.name] ?? WHO["with wasm, desktop"];
  const words = spanish ? SPANISH : ENGLISH;
  const whose = other ? ` for ${given}` : "";
  await signIn(page, user);
  await visitsOf(page, given);
  await page.getByRole("link", { name: words.book }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: words.book })).toBeVisible();
  await expect(page.getByText("911", { exact: false }).first()).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.getByRole("link", { name: `${words.times}${kind}` }).click();
  await expect(page.getByRole("heading", { level: 1, name: kind })).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.locator(".time").nth(2).click();
  await expect(page.locator("[data-hold]")).toBeVisible();
  if (javaScriptEnabled !== false) await expect(page.locator("[data-hold] b")).toHaveText(/^9:\d\d$|^10:00$/);
  await look(page, javaScriptEnabled);
  await page.getByRole("textbox", { name: words.reason }).fill(words.words);
  await page.getByLabel(words.same).check();
  await page.getByRole("button", { name: words.review }).click();
  await expect(page.getByText(words.words, { exact: false }).first()).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.getByRole("button", { name: words.bookIt(whose), exact: true }).click();
  await expect(page.getByText(words.booked, { exact: false })).toBeVisible();
  await look(page, javaScriptEnabled);
  const visit = page.url().split("?")[0];

  await page.getByRole("link", { name: words.move }).click();
  await expect(page.locator(".time").first()).toBeVisible();
  await page.locator(".time").last().click();
  await page.getByRole("textbox", { name: words.reason }).fill(words.words);
  await page.getByLabel(words.same).check();
  await page.getByRole("button", { name: words.review }).click();
  await page.getByRole("button", { name: words.moveIt(whose), exact: true }).click();
  await expect(page.getByText(words.moved, { exact: false })).toBeVisible();
  expect(page.url().split("?")[0]).toBe(visit);

  await page.getByRole("link", { name: words.cancel }).click();
  await look(page, javaScriptEnabled);
  await page.getByLabel(words.sick).check();
  await page.getByRole("button", { name: words.off(whose), exact: true }).click();
  await expect(page.getByText(words.cancelled, { exact: false }).first()).toBeVisible();
  await look(page, javaScriptEnabled);
});

test("the front desk sees its calendar, its hours, who asks and who waits", async ({ page, javaScriptEnabled }) => {
  await signIn(page, "priya", "/staff/schedule");
  await look(page, javaScriptEnabled);
  const day = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/staff/schedule?view=week&day=${day}`);
  await expect(page.locator(".week").getByText(/^\d+:\d\d\sam to/).first()).toBeVisible();
  await look(page, javaScriptEnabled);
  for (const path of ["/staff/visit-requests", "/staff/earlier", "/staff/schedule/kinds"]) {
    await page.goto(path);
    await look(page, javaScriptEnabled);
  }
  await page.goto("/staff/schedule");
  await page.getByRole("link", { name: /^Hours of/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Hours of/ })).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.getByRole("button", { name: "Add hours" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Hours of/ })).toBeVisible();
  await page.goto("/staff/visit-requests");
  await page.getByRole("link", { name: /Sofia Morales/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sofia Morales" })).toBeVisible();
  await look(page, javaScriptEnabled);
});

test("an earlier time is held for one person, and then for the next", async ({ page, browser }, { project }) => {
  test.skip(project.name !== "with wasm, desktop", "one list of those who wait");
  await signIn(page, "maria");
  const offer = page.getByRole("link", { name: /See the offer/ }).first();
  await expect(async () => {
    await page.goto("/home");
    await expect(page.getByText("An earlier time is held for you", { exact: false })).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  await page.locator("article", { hasText: "An earlier time is held" }).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: "An earlier time for you" })).toBeVisible();
  await expectNoViolations(page);
  await expectToFit(page);
  await page.getByRole("button", { name: "Keep mine" }).click();
  await expect(page.getByText("You said no to this time.", { exact: false })).toBeVisible();
  await expect(offer).toHaveCount(0);
  const next = await browser.newPage();
  await signIn(next, "grace");
  await expect(async () => {
    await next.goto("/home");
    await expect(next.getByText("An earlier time is held for you", { exact: false })).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  await next.close();
});
