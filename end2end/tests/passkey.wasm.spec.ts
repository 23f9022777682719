import { PASSWORD, expect, hydrated, signIn, test } from "./portal";

test("a passkey is added, signs in with one touch, and is removed", async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
  await signIn(page, "daniel", "/account/second-step");
  await hydrated(page);
  await page.getByRole("link", { name: "Add a passkey on this device" }).click();
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Add a passkey on this device" }).click();
  await expect(page.getByRole("button", { name: "Remove" })).toBeVisible();
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await hydrated(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByRole("heading", { name: "Hello, Daniel" })).toBeVisible();
  await page.goto("/account/second-step");
  await expect(page.getByText("Last used")).toBeVisible();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("button", { name: "Remove" })).toHaveCount(0);
});
