import { SHCReader } from "kill-the-clipboard";
import { expect, signIn, test } from "./portal";

/** Cards are judged by a reader that is not ours. */
test("Maria makes a card of her vaccinations, and another reader finds it genuine", async ({ page, request }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("link", { name: "Health summary" }).click();
  await page.getByRole("link", { name: "Vaccination and test cards" }).click();
  await expect(page.getByRole("heading", { name: "Vaccination and test cards" })).toBeVisible();
  const offer = page.getByRole("article").filter({ hasText: "COVID-19 vaccinations" }).filter({ hasText: "dose" });
  await offer.getByRole("button", { name: "Make the card" }).click();
  await expect(page.getByRole("img", { name: "QR code: COVID-19 vaccinations" })).toBeVisible();
  await expect(page.getByText("Maria Rivera").first()).toBeVisible();

  const at = await page.getByRole("link", { name: "Download for a wallet app" }).getAttribute("href");
  const file = await page.request.get(at!);
  expect(file.headers()["content-type"]).toBe("application/smart-health-card");
  const keys = await (await request.get("/.well-known/jwks.json")).json();
  const card = await readWithAnyOf(keys.keys, await file.text());
  const bundle = await card.asBundle();
  expect(bundle.entry[0].resource.name[0].family).toBe("Rivera");
  expect(bundle.entry.slice(1).every((entry: any) => entry.resource.resourceType === "Immunization")).toBe(true);

  await page.getByRole("button", { name: "Take this card back" }).click();
  await expect(page.getByRole("article").filter({ hasText: "Taken back" }).first()).toBeVisible();
});

async function readWithAnyOf(keys: any[], text: string) {
  const problems: unknown[] = [];
  for (const publicKey of keys) {
    try {
      return await new SHCReader({ publicKey }).fromFileContent(text);
    } catch (problem) {
      problems.push(problem);
    }
  }
  throw new AggregateError(problems, "no published key verifies the card");
}

test("a child's growth has charts with a table behind each", async ({ page }) => {
  await signIn(page, "maria", "/people");
  await page.getByRole("link", { name: /Emma/ }).first().click();
  await page.getByRole("link", { name: "Health summary" }).click();
  await page.getByRole("link", { name: "All vital signs" }).click();
  await page.getByRole("link", { name: "Growth charts" }).click();
  await expect(page.getByRole("heading", { name: "Growth charts" })).toBeVisible();
  await expect(page.getByRole("img", { name: /kg, \d+(st|nd|rd|th) percentile/ }).first()).toBeVisible();
  await expect(page.getByRole("table", { name: "Weight", exact: true })).toContainText("percentile", { ignoreCase: true });
});
