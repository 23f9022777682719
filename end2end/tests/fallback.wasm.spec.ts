import { expect, hydrated, signIn, test } from "./portal";

test("a page that a translator has changed keeps its links", async ({ page, complaints }) => {
  await signIn(page, "maria");
  // As browsers translate: each text stands in an element of its own.
  await page.addInitScript(() =>
    document.addEventListener("DOMContentLoaded", () => {
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      while (walk.nextNode()) texts.push(walk.currentNode as Text);
      for (const text of texts.filter((text) => text.data.trim() && !/^(SCRIPT|STYLE)$/.test(text.parentElement!.tagName))) {
        const translated = document.createElement("font");
        translated.textContent = `${text.data}!`;
        text.replaceWith(translated);
      }
    }),
  );
  await page.goto("/home");
  await expect.poll(() => complaints.length).toBeGreaterThan(0);
  await page.getByRole("link", { name: "Visits" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Visits!" })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/\/home$/);
  // The browser says why.
  complaints.length = 0;
});

test("signing out in one tab closes the others", async ({ page, context }) => {
  await signIn(page, "maria");
  await hydrated(page);
  const other = await context.newPage();
  await other.goto("/account");
  await hydrated(other);
  await other.getByRole("button", { name: "Sign out" }).first().click();
  await expect(other).toHaveURL(/\/sign-in/);
  await expect(page).toHaveURL(/\/sign-in/);
});
