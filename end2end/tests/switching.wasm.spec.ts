import type { Page } from "@playwright/test";
import { expect, hydrated, signIn, test } from "./portal";

/** The network is never idle while a page listens for changes. */
const withoutStream = (page: Page) => page.route("**/live", (route) => route.abort());

test("the old person's data is never under the new name, however slow the network", async ({ page }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await expect(page.getByRole("article").filter({ hasText: "Sore shoulder" })).toBeVisible();
  await hydrated(page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/api/visits/list", async (route) => {
    await held;
    await route.continue();
  });
  await page.getByText("Switch person").click();
  await page.locator("details.switch").getByRole("link", { name: /Emma Rivera/ }).click();
  await expect(page.getByText("You are viewing Emma’s chart as a parent")).toBeVisible();
  // The name is Emma's: nothing of Maria's may be on the page, now or at any time until the answer comes.
  for (let look = 0; look < 10; look++) {
    await expect(page.getByText("Sore shoulder")).toHaveCount(0);
    await expect(page.getByText("losartan")).toHaveCount(0);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await expect(page.locator(".skeleton")).toBeVisible();
  release();
  await expect(page.getByRole("article").filter({ hasText: "Sore throat and fever" })).toBeVisible();
});

test("an answer that comes late for the person before is not shown", async ({ page }) => {
  await withoutStream(page);
  await signIn(page, "maria");
  await page.getByRole("main").getByRole("link", { name: /Emma Rivera/ }).click();
  await expect(page.getByRole("article").filter({ hasText: "Sore throat and fever" })).toBeVisible();
  await hydrated(page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let first = true;
  await page.route("**/api/visits/list", async (route) => {
    if (first) {
      first = false;
      await held;
    }
    await route.continue();
  });
  const choose = async (name: RegExp) => {
    await page.getByText("Switch person").click();
    await page.locator("details.switch").getByRole("link", { name }).click();
  };
  await choose(/Maria Rivera/);
  await expect(page.getByText("You are viewing your own chart")).toBeVisible();
  await choose(/Ernesto Rivera/);
  await expect(page.getByText("Consulta de cardiología").first()).toBeVisible();
  release();
  await page.waitForLoadState("networkidle");
  await expect(page.getByText("You are viewing Ernesto’s chart as a son or daughter")).toBeVisible();
  await expect(page.getByText("Sore shoulder")).toHaveCount(0);
});

test("the wasm takes the page over without asking again", async ({ page }) => {
  await withoutStream(page);
  await signIn(page, "maria");
  await page.getByRole("main").getByRole("link", { name: /Emma Rivera/ }).click();
  await expect(page.getByRole("article").filter({ hasText: "Sore throat and fever" })).toBeVisible();
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/")) asked.push(request.url());
  });
  await page.reload();
  await hydrated(page);
  await page.waitForLoadState("networkidle");
  expect(asked).toEqual([]);
});

test("the switcher works by keyboard", async ({ page }) => {
  await signIn(page, "maria");
  await page.getByRole("main").getByRole("link", { name: /Emma Rivera/ }).click();
  await hydrated(page);
  // The heading takes the focus when the page is there.
  await expect(page.locator("h1")).toBeFocused();
  const summary = page.locator("details.switch summary");
  await summary.focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("details.switch")).toHaveAttribute("open");
  await page.keyboard.press("Escape");
  await expect(page.locator("details.switch")).not.toHaveAttribute("open");
  await page.keyboard.press("Enter");
  await expect(page.locator("details.switch")).toHaveAttribute("open");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("You are viewing your own chart")).toBeVisible();
});

test("a click before the wasm is there does the same as one after", async ({ page }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill("maria");
  await page.getByLabel("Password").fill("demo household");
  await page.locator("form").getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Hello, Maria" })).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: /Emma Rivera/ }).click();
  await expect(page.getByRole("article").filter({ hasText: "Sore throat and fever" })).toBeVisible();
  release();
});
