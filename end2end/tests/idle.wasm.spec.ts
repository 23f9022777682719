import { expect, hydrated, signIn, test } from "./portal";

test("two minutes before the end somebody is asked, and may stay", async ({ page }) => {
  await page.clock.install();
  await signIn(page, "maria", "/account");
  await hydrated(page);
  const question = page.getByRole("dialog", { name: "Are you still there?" });
  await page.clock.runFor("17:59");
  await expect(question).toBeHidden();
  await page.clock.runFor("00:02");
  await expect(question).toBeVisible();
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(question).toBeHidden();
  await page.clock.runFor("17:00");
  await expect(question).toBeHidden();
  await expect(page).toHaveURL(/\/account$/);
});

test("whoever is gone is signed out, and is back on the same page after signing in", async ({ page }) => {
  await page.clock.install();
  await signIn(page, "maria", "/account");
  await hydrated(page);
  await page.clock.runFor("20:01");
  await expect(page.getByText("You were away for a while")).toBeVisible();
  await expect(page).toHaveURL(/next=%2Faccount/);
});

test("whoever types is there, and nobody is asked", async ({ page }) => {
  await page.clock.install();
  await signIn(page, "maria", "/account/email");
  await hydrated(page);
  const told = page.waitForRequest(/sign-in\/stay/);
  await page.clock.runFor("17:00");
  await page.getByLabel("New email address").pressSequentially("m");
  await told;
  await page.clock.runFor("17:00");
  await expect(page.getByRole("dialog", { name: "Are you still there?" })).toBeHidden();
  await expect(page).toHaveURL(/\/account\/email$/);
});
