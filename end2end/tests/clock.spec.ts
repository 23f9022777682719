import { expect, hydrated, signIn, test } from "./portal";

test.describe.configure({ mode: "serial", lock: "household" });

test("an open chart closes at the first click after the 18th birthday began", async ({ page }) => {
  await signIn(page, "daniel");
  await page.locator(".demo summary").click();
  await page.getByRole("button", { name: "One minute before Olivia turns 18" }).click();
  await page.getByRole("main").getByRole("link", { name: /Olivia Bennett/ }).click();
  await expect(page.getByText("MRN-100206")).toBeVisible();
  await hydrated(page);
  // Somebody else moves the clock meanwhile; this page is open and knows nothing of it.
  const desk = await page.context().newPage();
  await desk.goto("/help");
  await desk.locator(".demo summary").click();
  await desk.getByRole("button", { name: "Olivia turns 18: midnight" }).click();
  await page.getByRole("link", { name: "Home" }).first().click();
  await expect(page.getByRole("heading", { name: "You can no longer open Olivia’s chart" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "This chart is no longer open to you" })).toBeVisible();
  await expect(page.getByText("MRN-100206")).toHaveCount(0);
  await expect(page.locator(".band")).toHaveCount(0);
});

test("back to now, and start over", async ({ page }) => {
  await signIn(page, "daniel");
  await page.locator(".demo summary").click();
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(page.locator(".demo--moved")).toHaveCount(0);
  await page.getByRole("main").getByRole("link", { name: /Olivia Bennett/ }).click();
  await expect(page.getByText("MRN-100206")).toBeVisible();
  await page.locator(".demo summary").click();
  await page.getByRole("button", { name: "Start over" }).click();
  await expect(page.getByRole("heading", { name: "Welcome to MyChart" })).toBeVisible();
});
