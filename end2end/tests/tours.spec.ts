import { expect, signIn, test } from "./portal";

test("a walk-through runs on the real pages, and can be read as a page", async ({ page }) => {
  await page.goto("/help/sharing-your-record");
  await expect(page.getByRole("listitem").filter({ hasText: "Choose what they see" })).toBeVisible();
  await signIn(page, "maria");
  await page.goto("/help/sharing-your-record");
  await page.getByRole("link", { name: "Show me on the pages" }).click();
  const panel = page.getByRole("complementary", { name: "Walk-through" });
  await expect(panel).toContainText("Step 1 of 3");
  await expect(page.getByRole("heading", { name: "Sharing", level: 1 })).toBeVisible();
  const ring = await page.getByRole("link", { name: "Invite somebody" }).evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(ring).toBe("solid");
  await panel.getByRole("link", { name: "Next" }).click();
  await expect(panel).toContainText("Step 2 of 3");
  await expect(page.getByRole("heading", { name: "Invite somebody", level: 1 })).toBeVisible();
  await panel.getByRole("link", { name: "End the walk-through" }).click();
  await expect(panel).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Invite somebody", level: 1 })).toBeVisible();
});
