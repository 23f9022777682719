import type { Page } from "@playwright/test";
import { expect, hydrated, signIn, test } from "./portal";

async function openHealthSummary(page: Page) {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("link", { name: "Health summary" }).click();
  await expect(page.getByRole("heading", { name: "Health summary", level: 1 })).toBeVisible();
  await hydrated(page);
}

test("a page of the server comes without loading the document anew: focus goes to its heading, the title is its own", async ({ page }) => {
  await openHealthSummary(page);
  await page.evaluate(() => (document.documentElement.dataset.same = "yes"));
  await page.getByRole("link", { name: "All conditions" }).click();
  const heading = page.getByRole("heading", { name: "Conditions", level: 1 });
  await expect(heading).toBeFocused();
  await expect(page).toHaveTitle(/^Conditions/);
  await expect(page.locator("html")).toHaveAttribute("data-same", "yes");
  await expect(page.locator("h1")).toHaveCount(1);
});

test("the way back leads to where the page was left", async ({ page }) => {
  await openHealthSummary(page);
  const link = page.getByRole("link", { name: "Other records" });
  await link.scrollIntoViewIfNeeded();
  await page.evaluate(() => window.scrollBy(0, 40));
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
  const left = await page.evaluate(() => window.scrollY);
  expect(left).toBeGreaterThan(100);
  await link.click();
  await expect(page.getByRole("heading", { name: "Other records", level: 1 })).toBeVisible();
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Health summary", level: 1 })).toBeVisible();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(left);
});

test("a page that is slow shows its place, one that fails says so and can be tried again", async ({ page }) => {
  await openHealthSummary(page);
  let tries = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/api/pages/read", async (route) => {
    tries += 1;
    if (tries === 1) {
      await held;
      return route.abort();
    }
    return route.continue();
  });
  await page.getByRole("link", { name: "All conditions" }).click();
  await expect(page.locator(".skeleton")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Health summary", level: 1 })).toHaveCount(0);
  release();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Conditions", level: 1 })).toBeVisible();
  expect(tries).toBe(2);
});

test("what moves on a page of the server moves: strength of a password, printing", async ({ page }) => {
  await signIn(page, "maria", "/account/password");
  await hydrated(page);
  const password = page.getByLabel("New password").first();
  await password.fill("short");
  await expect(page.locator(".strength")).not.toBeEmpty();
  await password.fill("plum river toast");
  await expect(page.locator(".strength")).toHaveClass(/strength--ok/);
  await page.goto("/home");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("link", { name: "View After Visit Summary" }).first().click();
  await hydrated(page);
  await page.evaluate(() => (window.print = () => document.documentElement.setAttribute("data-printed", "")));
  await page.getByRole("button", { name: "Print" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-printed");
});

test("the document holds its page once", async ({ page }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await expect(page.getByText("Sore shoulder").first()).toBeVisible();
  const answer = await page.reload();
  const html = await answer!.text();
  expect(html.split("Sore shoulder").length - 1).toBe(await page.getByText("Sore shoulder").count());
  // The browser has the style sheet by now. When the page held its visits twice, and nothing was compressed, 45 kB were sent.
  expect(html.length).toBeLessThan(36_000);
  const { responseBodySize } = await answer!.request().sizes();
  expect(responseBodySize).toBeLessThan(9_000);
});
