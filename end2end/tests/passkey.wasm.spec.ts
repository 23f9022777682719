import type { Page } from "@playwright/test";
import { PASSWORD, expect, hydrated, signIn, test } from "./portal";

/** A device that knows its owner by a finger. */
async function fingerReader(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
}

async function signOut(page: Page) {
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByText("You are signed out.")).toBeVisible();
}

test("a passkey is added, signs in with one touch, and is removed", async ({ page }) => {
  await fingerReader(page);
  await signIn(page, "daniel", "/account/second-step");
  await hydrated(page);
  await page.getByRole("link", { name: "Add a passkey on this device" }).click();
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Add a passkey on this device" }).click();
  await expect(page.getByRole("button", { name: "Remove" })).toBeVisible();
  await signOut(page);
  await hydrated(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByRole("heading", { name: "Hello, Daniel" })).toBeVisible();
  await page.goto("/account/second-step");
  await expect(page.getByText("Last used")).toBeVisible();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("button", { name: "Remove" })).toHaveCount(0);
});

test("at the second sign-in a passkey is offered first, needs no password again, and is offered no more when it is not wanted", async ({ page }) => {
  await fingerReader(page);
  const offer = page.getByRole("heading", { name: "Sign in faster next time" });
  const home = page.getByRole("heading", { name: "Hello, Grace" });
  await page.goto("/sign-in");
  await expect.poll(() => page.evaluate(() => document.cookie)).toContain("passkeys=1");
  await signIn(page, "grace");
  await expect(home).toBeVisible();
  await expect(offer).toBeHidden();
  await signOut(page);
  await signIn(page, "grace");
  await expect(offer).toBeVisible();
  await page.getByRole("link", { name: "Set it up" }).click();
  await expect(page.getByRole("button", { name: "Add a passkey on this device" })).toBeVisible();
  await expect(page.getByLabel("Your password")).toBeHidden();
  await page.goto("/home");
  await page.getByRole("button", { name: "Not on this device" }).click();
  await expect(home).toBeVisible();
  await expect(offer).toBeHidden();
  await signOut(page);
  await signIn(page, "grace");
  await expect(home).toBeVisible();
  await expect(offer).toBeHidden();
});
