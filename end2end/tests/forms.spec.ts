import type { Page } from "@playwright/test";
import { expect, signIn, test } from "./portal";

/** Markup, quotes, an entity, a line break at the start: as text, or as nothing at all. */
const HOSTILE = "\n</textarea><b id=\"pwn\">x</b> &lt;i&gt; &amp; \" ' <script>alert(1)</script>";
const IN_A_LINE = HOSTILE.replace("\n", "");

/** Where forms with text fields stand, by the way that leads there. */
const FOR_EVERYBODY = ["/sign-in", "/sign-up", "/sign-up/request", "/recover", "/help/ask", "/shared", "/verify"];
const FOR_MARIA = [
  { path: "/account/email" },
  { path: "/account/username" },
  { path: "/sharing/invite" },
  { path: "/sharing/child" },
  { click: ["Visits", "Personal information", "Ask for a change"] },
  { click: ["Visits", "Test results", "Lipid panel", "Something is wrong here"] },
  { click: ["Visits", "Health summary", "Share this record", "Share code"] },
  { click: ["Visits", "Health summary", "Share this record", "SMART Health Link"] },
];

/** Never kept, on purpose. */
const SECRETS = ["code", "answer", "passcode"];

const TEXTS = "textarea, input[type=text], input[type=email], input[type=tel], input[type=search]";

/**
 * Types hostile text into every field of every form on this page and sends it with something left out, so that the server refuses
 * it; then each field has to hold what was typed, as text.
 */
async function refuseEveryForm(page: Page, script: boolean) {
  // A card is checked where it is typed when the browser runs scripts.
  const answered = script ? /again=1|\/verify/ : /again=1|done=1/;
  const address = page.url();
  const forms = page.locator("form[method=post][action*='again=']:not([enctype])").filter({ has: page.locator(TEXTS) });
  const count = await forms.count();
  expect(count, `${address} has a form`).toBeGreaterThan(0);
  for (let form = 0; form < count; form++) {
    const fields = await forms.nth(form).locator(TEXTS).count();
    const hidden = await forms.nth(form).locator("[type=hidden]").count();
    for (let left = 0; left < (hidden ? 1 : Math.min(fields, 2)); left++) {
      await page.goto(address);
      const action = await forms.nth(form).getAttribute("action");
      const typed = await forms.nth(form).evaluate(
        (found: HTMLFormElement, { texts, left, hidden, hostile, inALine }) => {
          const typed: Record<string, string> = {};
          found.noValidate = true;
          const fields = [...found.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(texts)];
          fields.forEach((field, index) => {
            const text = (field instanceof HTMLTextAreaElement ? hostile : inALine).slice(0, field.maxLength > 0 ? field.maxLength : undefined);
            field.type === "email" && field.setAttribute("type", "text");
            field.value = text;
            if (index === left && fields.length > 1 && !hidden) field.removeAttribute("name");
            else typed[field.name] = text;
          });
          // Where the form says whom it is about, that is left out; of a form with a single text, something else.
          if (hidden || fields.length === 1) found.querySelector("[type=hidden], select, [type=date]")?.removeAttribute("name");
          return typed;
        },
        { texts: TEXTS, left, hidden, hostile: HOSTILE, inALine: IN_A_LINE },
      );
      await forms.nth(form).locator("button[type=submit]").last().click();
      await page.waitForURL(answered, { timeout: 10_000 });
      await expect(page.locator("#pwn")).toHaveCount(0);
      const back = page.locator(`form[action^="${action!.split("?")[0]}?"]`).first();
      for (const [name, text] of Object.entries(typed)) {
        if (SECRETS.includes(name)) continue;
        await expect(back.locator(`[name="${name}"]`), `${address} ${name}`).toHaveValue(text);
      }
    }
  }
}

test("whatever was typed into a form that is refused comes back as text", async ({ page, javaScriptEnabled }) => {
  test.setTimeout(120_000);
  for (const path of FOR_EVERYBODY) {
    await test.step(path, async () => {
      await page.goto(path);
      await refuseEveryForm(page, javaScriptEnabled !== false);
    });
  }
});

test("the same holds for the forms of somebody who is signed in", async ({ page, javaScriptEnabled }) => {
  test.setTimeout(180_000);
  await signIn(page, "maria");
  for (const { path, click } of FOR_MARIA) {
    await test.step(path ?? click!.join(" › "), async () => {
      await page.goto(path ?? "/home");
      for (const words of click ?? []) {
        await page.getByRole("link", { name: words }).first().click();
        await expect(page.locator(".skeleton")).toHaveCount(0);
      }
      await page.waitForLoadState();
      await refuseEveryForm(page, javaScriptEnabled !== false);
    });
  }
});
