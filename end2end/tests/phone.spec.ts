import { expect, expectToFit, signIn, test } from "./portal";

test("how to have the portal on a phone can be read by everybody", async ({ page }) => {
  await page.goto("/phone");
  await expect(page.getByRole("heading", { name: "On your phone" })).toBeVisible();
  await expect(page.getByText(/tap Share|open the menu|choose the sign|Another browser/).filter({ visible: true }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Sign in to turn them on" })).toBeVisible();
  await expectToFit(page);
});

test("whoever is signed in finds what can be kept, and the way there from the account", async ({ page }) => {
  await signIn(page, "maria", "/account");
  await page.getByRole("link", { name: /^On your phone/ }).click();
  await expect(page.getByRole("heading", { name: "On your phone" })).toBeVisible();
  await page.getByRole("link", { name: /^Emergency card of Maria/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: /emergency/i })).toBeVisible();
  await expectToFit(page);
});
