import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { demo, end, endAll, folder, freePort, SITE, serve } from "./own-server";
import { expect, expectNoViolations, expectToFit, signIn, test } from "./portal";

// The window in which a bank account is chosen is the processor's script. The demo's bank stands in for its API, and the script below for
// what the published types of Stripe.js (@stripe/stripe-js 10.2.1) say of `collectBankAccountForSetup` and `confirmUsBankAccountSetup`.
const SCRIPT = `window.Stripe = (key) => {
  const bank = new URL([...document.scripts].find((script) => script.src.endsWith("/bank.js")).src).origin;
  const intent = (secret, status) => ({ setupIntent: { id: secret.replace(/_secret$/, ""), status } });
  let asked = 0;
  return {
    elements: () => { throw new Error("no card is asked for here"); },
    collectBankAccountForSetup: async ({ clientSecret, params }) => {
      window.askedOf = { key, params };
      if (params.payment_method_type !== "us_bank_account") throw new Error("another type");
      return intent(clientSecret, asked++ === 0 ? "requires_payment_method" : "requires_confirmation");
    },
    confirmUsBankAccountSetup: async (clientSecret) => {
      const id = clientSecret.replace(/_secret$/, "");
      const body = new URLSearchParams({ setup_intent: id, card: "account", back: "" });
      await fetch(bank + "/demo/bank/card", { method: "POST", mode: "no-cors", body });
      return intent(clientSecret, "succeeded");
    },
  };
};`;

let base: string;
let script: ReturnType<typeof createServer>;

test.beforeAll(async () => {
  test.setTimeout(90_000);
  const [port, behind, scripts] = [await freePort(), await freePort(), await freePort()];
  base = `http://localhost:${port}`;
  const bank = `http://localhost:${behind}`;
  // The script, and the bank behind it: the bank takes forms of its own pages alone.
  script = createServer(async (asked, answer) => {
    if (asked.url === "/bank.js") return answer.writeHead(200, { "content-type": "text/javascript" }).end(SCRIPT);
    const body: Buffer[] = [];
    for await (const part of asked) body.push(part as Buffer);
    const { authorization = "", "content-type": type = "", "idempotency-key": key = "" } = asked.headers as Record<string, string>;
    const headers: Record<string, string> = { origin: bank, authorization, "content-type": type };
    if (key) headers["idempotency-key"] = key;
    const told = await fetch(bank + asked.url, { method: asked.method, headers, redirect: "manual", body: body.length ? Buffer.concat(body) : undefined });
    answer.writeHead(told.status < 400 && told.status >= 300 ? 204 : told.status, { "content-type": "application/json" }).end(await told.text());
  }).listen(scripts);
  await demo(behind, folder());
  const data = folder();
  await end(await demo(port, data));
  writeFileSync(join(data, "sk"), "sk_test_demo");
  writeFileSync(join(data, "whsec"), "whsec_demo");
  const stripe = ["--stripe-api", `http://localhost:${scripts}/demo/bank`, "--stripe-script", `http://localhost:${scripts}/bank.js`, "--stripe-publishable-key", "pk_test_demo"];
  const keys = ["--stripe-bank-accounts", "--stripe-secret-key-file", join(data, "sk"), "--stripe-webhook-secret-file", join(data, "whsec")];
  const at = ["--listen", `127.0.0.1:${port}`, "--public-url", base, "--site-root", SITE];
  await serve(base, "serve", "--database", `sqlite:${join(data, "demo.db")}`, "--secret-file", join(data, "secret.key"), ...at, ...stripe, ...keys);
});

test.afterAll(async () => {
  script?.close();
  await endAll();
});

test("a bank account chosen in the processor's window is authorized, debited, and on its way", async ({ browser, isMobile }, { project }) => {
  test.setTimeout(90_000);
  const context = await browser.newContext({ baseURL: base, viewport: project.use.viewport });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && !message.text().startsWith("Failed to load resource") && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await signIn(page, isMobile ? "grace" : "maria", "/billing");
  await page.getByRole("link", { name: "Pay", exact: true }).first().click();
  const form = page.locator("form").filter({ has: page.getByLabel(/^A bank account/) }).first();
  await form.getByLabel(/^A bank account/).check();
  await form.getByRole("button", { name: /^Go on/ }).click();
  const button = page.getByRole("button", { name: "Use this bank account" });
  await expect(button).toBeEnabled();
  await expect(page.getByText(/you authorize .* to debit this account/)).toBeVisible();
  await expectNoViolations(page);
  await expectToFit(page);
  // Without a name nothing is asked; a window that is closed is no failure.
  const name = page.getByLabel("Name of the account holder");
  await name.fill("");
  await button.click();
  expect(await page.evaluate(() => "askedOf" in window)).toBe(false);
  await name.fill("Grace W.");
  await button.click();
  await expect(page.locator(".card-entry > .problem")).toHaveText("No bank account was chosen. You can try again.");
  await expect(name).toHaveValue("Grace W.");
  const asked = await page.evaluate(() => (window as unknown as { askedOf: { key: string; params: unknown } }).askedOf);
  expect(asked).toEqual({ key: "pk_test_demo", params: { payment_method_type: "us_bank_account", payment_method_data: { billing_details: { name: "Grace W." } } } });
  await button.click();
  await page.getByRole("button", { name: /^Pay \$.* now$/ }).click();
  await expect(page.getByRole("heading", { name: "On its way from your bank" })).toBeVisible();
  await expectNoViolations(page);
  await page.goto("/billing/cards");
  await expect(page.getByText("Shoreline Bank ending in 6789").first()).toBeVisible();
  expect(complaints).toEqual([]);
  await context.close();
});
