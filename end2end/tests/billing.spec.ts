import type { Page } from "@playwright/test";
import { expect, expectNoViolations, expectToFit, signIn, test } from "./portal";

// Each way of looking at the portal has an account of its own: of one account, one payment is made at a time.
const WHO: Record<string, { user: string; name: string; number: string; family: string; spanish?: boolean }> = {
  "with wasm, desktop": { user: "maria", name: "Maria Rivera", number: "1002001", family: "Rivera" },
  "without javascript, desktop": { user: "daniel", name: "Daniel Bennett", number: "1002003", family: "Bennett" },
  "with wasm, phone": { user: "grace", name: "Harold", number: "1002004", family: "Whitaker" },
  "without javascript, phone": { user: "ernesto", name: "Ernesto Rivera", number: "1002002", family: "Rivera", spanish: true },
};

const ENGLISH = {
  billing: "Billing", see: /^See the bill: /, why: "Why you owe this", pay: "Pay this bill", part: /^Pay a part/, amount: /.*/, other: /^(A|Another) card/, on: "Go on", toCard: "Go to the payment processor",
  use: "Use this card", now: "Pay $5.00 now", receipt: "Receipt", thanks: "Your payment went through", asks: "Go to your bank", declined: "Your bank did not confirm that it is you.", guest: "Pay as a guest",
  number: "Account number", family: "Last name of the person responsible", find: "Find what is due", bills: "Your bills", little: "The least part is $5.00, or all that is due.", history: "Payments and statements", bank: /^(A|Another) bank account/, useBank: "Use this bank account", going: "On its way from your bank", onItsWay: /\$5\.00 is on its way/,
};
const SPANISH: typeof ENGLISH = {
  billing: "Facturas", see: /^Ver la factura: /, why: "Por qué debe esto", pay: "Pagar esta factura", part: /^Pagar una parte/, amount: /.*/, other: /^(Una|Otra) tarjeta/, on: "Continuar", toCard: "Ir al procesador de pagos",
  use: "Usar esta tarjeta", now: "Pagar $5.00 ahora", receipt: "Recibo", thanks: "Su pago se realizó", asks: "Ir a su banco", declined: "Su banco no confirmó que es usted.", guest: "Pagar como invitado",
  number: "Número de cuenta", family: "Apellido del responsable", find: "Buscar lo que se debe", bills: "Sus facturas", little: "La parte mínima es $5.00 o todo lo que debe.", history: "Pagos y estados de cuenta", bank: /^(Una|Otra) cuenta bancaria/, useBank: "Usar esta cuenta bancaria", going: "En camino desde su banco", onItsWay: /\$5\.00 están en camino/,
};

async function look(page: Page, javaScriptEnabled?: boolean) {
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await expectToFit(page);
}

/** Types a card at the demo's bank, and comes back with it. */
async function typeCard(page: Page, card: RegExp, words: typeof ENGLISH) {
  await page.getByRole("link", { name: words.toCard }).click();
  await expect(page.getByRole("heading", { name: "Demo bank" })).toBeVisible();
  await page.getByLabel(card).check();
  await page.getByRole("button", { name: "Use this card" }).click();
  await page.getByRole("button", { name: words.use, exact: true }).click();
}

test("a part of a bill is paid with a card, the bank's no is told, and a guest sees amounts alone", async ({ page, javaScriptEnabled, context }, { project }) => {
  // Each of its twenty pages is looked at.
  test.slow();
  const { user, name, number, family, spanish } = WHO[project.name] ?? WHO["with wasm, desktop"];
  const words = spanish ? SPANISH : ENGLISH;
  await signIn(page, user, "/billing");
  await expect(page.getByRole("heading", { level: 1, name: words.billing })).toBeVisible();
  await look(page, javaScriptEnabled);
  // The bill of which something is due and that no plan pays.
  const entry = page.locator("section.sheet").filter({ hasText: number }).getByRole("article").filter({ hasText: /due by|hasta el/ }).first();
  await entry.getByRole("link", { name: words.see }).click();
  await expect(page.getByRole("heading", { name: words.why })).toBeVisible();
  await look(page, javaScriptEnabled);
  const bill = page.url();
  for (const [card, says] of [[/asks something more/, words.declined], [/that works/, words.thanks]] as const) {
    await page.goto(bill);
    await page.getByRole("link", { name: words.pay }).click();
    await page.locator("summary").filter({ hasText: words.part }).click();
    const form = page.locator("details form");
    const fields = form.locator('input[name^="amount["]');
    for (let at = 0; at < (await fields.count()); at++) await fields.nth(at).fill(at === 0 ? "4.99" : "");
    await form.getByLabel(words.other).check();
    await form.getByRole("button", { name: words.on, exact: true }).click();
    // What was typed is there still, with the reason at the field.
    await expect(page.locator(".problem").filter({ hasText: words.little }).first()).toBeVisible();
    const again = page.locator('details form input[name^="amount["]').first();
    await expect(again).toHaveValue("4.99");
    await again.fill("5");
    await look(page, javaScriptEnabled);
    await page.locator("details form").getByRole("button", { name: words.on, exact: true }).click();
    await look(page, javaScriptEnabled);
    await typeCard(page, card, words);
    await expect(page.getByRole("button", { name: words.now })).toBeVisible();
    await look(page, javaScriptEnabled);
    await page.getByRole("button", { name: words.now }).click();
    if (says === words.declined) {
      await page.getByRole("link", { name: words.asks }).click();
      await page.getByRole("button", { name: "No", exact: true }).click();
    }
    await expect(page.getByText(says, { exact: false }).first()).toBeVisible();
    await look(page, javaScriptEnabled);
  }
  // From a bank account it takes days: the sum is no longer due, and not paid yet.
  await page.goto(bill);
  await page.getByRole("link", { name: words.pay }).click();
  await page.locator("summary").filter({ hasText: words.part }).click();
  const part = page.locator("details form");
  const sums = part.locator('input[name^="amount["]');
  for (let at = 0; at < (await sums.count()); at++) await sums.nth(at).fill(at === 0 ? "5" : "");
  await part.getByLabel(words.bank).check();
  await part.getByRole("button", { name: words.on, exact: true }).click();
  await look(page, javaScriptEnabled);
  await page.getByRole("link", { name: words.toCard }).click();
  await page.getByLabel(/debit arrives/).check();
  await page.getByRole("button", { name: "Use this bank account" }).click();
  await look(page, javaScriptEnabled);
  await page.getByRole("button", { name: words.useBank, exact: true }).click();
  await page.getByRole("button", { name: words.now }).click();
  await expect(page.getByRole("heading", { name: words.going })).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.goto("/billing");
  await expect(page.getByText(words.onItsWay).first()).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.locator("section.sheet").filter({ hasText: number }).getByRole("link", { name: words.history }).click();
  await expect(page.getByText("$5.00", { exact: false }).first()).toBeVisible();
  await look(page, javaScriptEnabled);

  // The same account, by somebody who does not sign in.
  await context.clearCookies();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: /Pay as a guest|Pagar como invitado/ }).first().click();
  await look(page, javaScriptEnabled);
  await page.getByLabel(/^(Account number|Número de cuenta)/).fill(number);
  await page.getByLabel(/^(Last name of|Apellido del)/).fill("Nobody");
  await page.getByRole("button", { name: /^(Find what is due|Buscar lo que se debe)/ }).click();
  await expect(page.getByText(/These details open no bill|Estos datos no abren/).first()).toBeVisible();
  await page.getByLabel(/^(Last name of|Apellido del)/).fill(family);
  await page.getByRole("button", { name: /^(Find what is due|Buscar lo que se debe)/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^(Your bills|Sus facturas)/ })).toBeVisible();
  const shown = await page.getByRole("main").innerText();
  for (const secret of [name, "visit", "Consulta", "Medicare", "Nutmeg", "Blue"]) expect(shown).not.toContain(secret);
  await look(page, javaScriptEnabled);
});

test("the billing office finds an account, makes a letter, and reconciles the day", async ({ page, javaScriptEnabled }, { project }) => {
  test.skip(project.name !== "with wasm, desktop" && project.name !== "without javascript, phone", "the office is one");
  await signIn(page, "dana", "/staff/billing");
  await look(page, javaScriptEnabled);
  await page.getByLabel("Account number, bill number or last name").fill("whit");
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await page.getByRole("link", { name: /Whitaker/ }).first().click();
  await look(page, javaScriptEnabled);
  await page.getByRole("link", { name: /^See: Bill B-26-00044/ }).click();
  await expect(page.getByRole("heading", { name: "Every entry" })).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.locator("summary").filter({ hasText: "Letter with a code" }).click();
  await page.getByRole("button", { name: "Make the letter" }).click();
  await expect(page.getByRole("img", { name: "QR code that opens the bill" })).toBeVisible();
  await look(page, javaScriptEnabled);
  await page.goto("/staff/billing/day");
  await expect(page.getByRole("heading", { level: 1, name: "Payments of a day" })).toBeVisible();
  await look(page, javaScriptEnabled);
});
