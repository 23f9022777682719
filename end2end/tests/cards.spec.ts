import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { Page, TestInfo } from "@playwright/test";
import { SHCReader } from "kill-the-clipboard";
import { expect, photoOf, signIn, test } from "./portal";

async function openCards(page: Page) {
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("link", { name: "Health summary" }).click();
  await page.getByRole("link", { name: "Vaccination and test cards" }).click();
  await expect(page.getByRole("heading", { name: "Vaccination and test cards" })).toBeVisible();
}

const offers = (page: Page) => page.getByRole("article").filter({ has: page.getByRole("button", { name: "Make the card" }) });

/** Cards are judged by a reader that is not ours. */
test("Maria makes a card of her vaccinations, and another reader finds it genuine", async ({ page, request }) => {
  await signIn(page, "maria");
  await openCards(page);
  const offer = offers(page).filter({ hasText: "COVID-19 vaccinations" });
  await offer.getByRole("button", { name: "Make the card" }).click();
  await expect(page.getByRole("img", { name: "QR code: COVID-19 vaccinations" })).toBeVisible();
  await expect(page.getByText("Maria Rivera").first()).toBeVisible();

  const at = await page.getByRole("link", { name: "Download for a wallet app" }).getAttribute("href");
  const file = await page.request.get(at!);
  expect(file.headers()["content-type"]).toBe("application/smart-health-card");
  const keys = await (await request.get("/.well-known/jwks.json")).json();
  const text = await file.text();
  const card = await readWithAnyOf(keys.keys, (reader) => reader.fromFileContent(text));
  const bundle = await card.asBundle();
  expect(bundle.entry[0].resource.name[0].family).toBe("Rivera");
  expect(bundle.entry.slice(1).every((entry: any) => entry.resource.resourceType === "Immunization")).toBe(true);

  await page.getByRole("button", { name: "Take this card back" }).click();
  await expect(page.getByRole("article").filter({ hasText: "Taken back" }).first()).toBeVisible();
});

async function readWithAnyOf(keys: any[], read: (reader: SHCReader) => ReturnType<SHCReader["fromFileContent"]>) {
  const problems: unknown[] = [];
  for (const publicKey of keys) {
    try {
      return await read(new SHCReader({ publicKey }));
    } catch (problem) {
      problems.push(problem);
    }
  }
  throw new AggregateError(problems, "no published key verifies the card");
}

/** What the open card says: as another reader finds it in the file, and in what another scanner reads from the codes. */
async function judge(page: Page, testInfo: TestInfo) {
  const codes = page.getByRole("img", { name: /^QR code/ });
  await expect(codes.first()).toBeVisible();
  const at = await page.getByRole("link", { name: "Download for a wallet app" }).getAttribute("href");
  const file = await (await page.request.get(at!)).text();
  const { keys } = await (await page.request.get("/.well-known/jwks.json")).json();
  const digits: string[] = [];
  for (const code of await codes.all()) {
    const picture = testInfo.outputPath(`code-${digits.length}.png`);
    writeFileSync(picture, await photoOf(code));
    digits.push(execFileSync("zbarimg", ["-q", "--raw", "-Sdisable", "-Sqrcode.enable", picture], { encoding: "utf8" }).trim());
  }
  const inFile = await readWithAnyOf(keys, (reader) => reader.fromFileContent(file));
  const inCodes = await readWithAnyOf(keys, (reader) => (digits.length === 1 ? reader.fromQRNumeric(digits[0]) : reader.fromQRNumeric(digits)));
  const bundle = await inCodes.asBundle();
  expect(bundle).toEqual(await inFile.asBundle());
  return bundle.entry.slice(1).map((entry: any) => entry.resource);
}

test.describe("every kind of card", () => {
  test("of vaccinations is genuine to another reader, as a file and as codes", async ({ page }, testInfo) => {
    test.slow();
    await signIn(page, "maria");
    await openCards(page);
    const list = page.url();
    const titles = await offers(page).getByRole("heading").allTextContents();
    expect(titles).toEqual(["COVID-19 vaccinations", "Flu vaccinations", "Tetanus, diphtheria and whooping cough vaccinations", "Other vaccinations"]);
    for (const title of titles) {
      await page.goto(list);
      await offers(page).filter({ has: page.getByRole("heading", { name: title, exact: true }) }).getByRole("button", { name: "Make the card" }).click();
      await expect(page.getByRole("heading", { name: title, exact: true, level: 1 })).toBeVisible();
      const said = await judge(page, testInfo);
      expect(said.length).toBeGreaterThan(0);
      expect(said.every((resource: any) => resource.resourceType === "Immunization")).toBe(true);
    }
  });

  for (const [result, values] of [["Hemoglobin A1c", 1], ["Lipid panel", 3]] as const) {
    test(`of the result "${result}" is genuine to another reader, as a file and as codes`, async ({ page }, testInfo) => {
      await signIn(page, "maria");
      await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
      await page.getByRole("link", { name: "Test results" }).click();
      await page.getByRole("link", { name: result }).first().click();
      await page.getByRole("button", { name: "Make a card of it that others can check" }).click();
      const said = await judge(page, testInfo);
      expect(said.map((resource: any) => resource.resourceType)).toEqual(Array(values).fill("Observation"));
    });
  }
});

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
