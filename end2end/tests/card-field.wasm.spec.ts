import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers, demo, end, endAll, folder, freePort, SITE, serve, start } from "./own-server";
import { expect, signIn, test } from "./portal";

// The card's field is the processor's script. Here it is that of localstripe, a double of Stripe that others wrote, on a server that is no
// demo: its content security policy names the processor's host on this page alone.
const LOCALSTRIPE = join(import.meta.dirname, "../../target/localstripe/bin/localstripe");

let base: string;
let processor: string;

test.beforeAll(async () => {
  test.skip(!existsSync(LOCALSTRIPE), "localstripe is not installed: scripts/setup installs it where Python is");
  test.setTimeout(90_000);
  const data = folder();
  const [port, behind] = [await freePort(), await freePort()];
  [base, processor] = [`http://localhost:${port}`, `http://localhost:${behind}`];
  start(LOCALSTRIPE, "--from-scratch", "--port", String(behind));
  await answers(`${processor}/v1/payment_intents`, { authorization: "Bearer sk_test_field" });
  await end(await demo(port, data));
  writeFileSync(join(data, "sk"), "sk_test_field");
  writeFileSync(join(data, "whsec"), "whsec_field");
  const stripe = ["--stripe-api", processor, "--stripe-script", `${processor}/js.stripe.com/v3/`, "--stripe-publishable-key", "pk_test_field"];
  const keys = ["--stripe-secret-key-file", join(data, "sk"), "--stripe-webhook-secret-file", join(data, "whsec")];
  const at = ["--listen", `127.0.0.1:${port}`, "--public-url", base, "--site-root", SITE];
  await serve(base, "serve", "--database", `sqlite:${join(data, "demo.db")}`, "--secret-file", join(data, "secret.key"), ...at, ...stripe, ...keys);
});

test.afterAll(endAll);

test("a card typed into the processor's own field pays, its refusal is told, and the bank's question is asked by the script", async ({ browser, isMobile }, { project }) => {
  test.setTimeout(90_000);
  const page = await browser.newPage({ baseURL: base, viewport: project.use.viewport });
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && !message.text().startsWith("Failed to load resource") && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  // Of one account one payment is made at a time: each way of looking at the portal has its own.
  await signIn(page, isMobile ? "grace" : "maria", "/billing");
  await page.getByRole("link", { name: "Pay", exact: true }).first().click();

  async function choosePart() {
    await page.locator("summary").filter({ hasText: /^Pay a part/ }).click();
    const form = page.locator("details form");
    const fields = form.locator('input[name^="amount["]');
    for (let at = 0; at < (await fields.count()); at++) await fields.nth(at).fill(at === 0 ? "5" : "");
    await form.getByLabel(/^(A|Another) card/).check();
    await form.getByRole("button", { name: "Go on", exact: true }).click();
    await expect(page.getByPlaceholder("number")).toBeVisible();
  }
  async function typeCard(number: string) {
    for (const [field, value] of [["number", number], ["exp_month", "04"], ["exp_year", "34"], ["cvc", "123"], ["postal_code", "06457"]]) {
      await page.getByPlaceholder(field, { exact: true }).fill(value);
    }
    await page.getByRole("button", { name: "Use this card" }).click();
  }
  const pay = page.url();

  // Declined while it is typed: said at the field, and another one can be typed at once.
  await choosePart();
  await typeCard("4000000000000002");
  await expect(page.locator(".card-entry .problem")).toHaveText("Your card was declined.");
  await typeCard("4242424242424242");
  await page.getByRole("button", { name: "Pay $5.00 now" }).click();
  await expect(page.getByText("Your payment went through")).toBeVisible();

  // The bank asks, by the script of the processor, and is answered.
  await page.goto(pay);
  await choosePart();
  await typeCard("4000000000003220");
  await page.getByRole("button", { name: "Complete authentication" }).click();
  await page.getByRole("button", { name: "Pay $5.00 now" }).click();
  await page.getByRole("button", { name: "Answer your bank" }).click();
  await page.getByRole("button", { name: "Complete authentication" }).click();
  await expect(page.getByText("Your payment went through")).toBeVisible();

  const charges = await (await fetch(`${processor}/v1/payment_intents?limit=100`, { headers: { authorization: "Bearer sk_test_field" } })).json();
  expect(charges.data.filter((charge: { status: string; amount: number }) => charge.status === "succeeded" && charge.amount === 500).length).toBeGreaterThanOrEqual(2);
  // No other page knows the processor.
  const other = await page.goto("/billing");
  expect(other!.headers()["content-security-policy"]).not.toContain(processor);
  expect(complaints).toEqual([]);
  await page.close();
});
