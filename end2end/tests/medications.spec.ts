import type { Page } from "@playwright/test";
import { expect, expectNoViolations, expectToFit, hydrated, signIn, test } from "./portal";

test("a mother asks for more of her child's medicine, looks it over, and the nurse approves it", async ({ page, browser }) => {
  await signIn(page, "maria", "/people");
  await page.getByRole("main").getByRole("link", { name: /Emma Rivera/ }).click();
  await page.getByRole("navigation", { name: "Parts of this chart" }).getByRole("link", { name: "Medicines" }).click();
  await expect(page.getByRole("heading", { name: "Medicines", level: 1 })).toBeVisible();
  const inhaler = page.getByRole("article").filter({ hasText: "Albuterol" }).first();
  const asked = await inhaler.getByText("Requested by").count();
  if (asked > 0) {
    await inhaler.getByRole("link", { name: /Details: Albuterol/ }).click();
    await page.getByText("Take it back").first().click();
    await page.getByRole("button", { name: "Take it back" }).click();
    await expect(page.getByText("The request was taken back.")).toBeVisible();
  }
  await page.getByRole("link", { name: /I need more: Albuterol/ }).click();
  await expect(page.getByText("Refill: 3 left")).toBeVisible();
  await expect(page.getByLabel(/Albuterol/)).toBeChecked();
  await page.getByLabel("For how many days do you have some left?").fill("soon");
  await page.getByLabel("Pharmacy", { exact: true }).selectOption({ label: "Main Street Pharmacy, 185 Main Street, Middletown, CT 06457" });
  await page.getByLabel("Anything the office should know").fill("Before <b>gym</b>");
  await page.getByRole("button", { name: "Look it over" }).click();

  // What is wrong is said at its field, and nothing of what was typed is lost.
  await expect(page.getByRole("alert")).toContainText("from 0 to 365");
  await expect(page.getByLabel("Anything the office should know")).toHaveValue("Before <b>gym</b>");
  await page.getByLabel("For how many days do you have some left?").fill("6");
  await page.getByRole("button", { name: "Look it over" }).click();
  await expect(page.getByRole("heading", { name: "Is this right?", level: 1 })).toBeVisible();

  // Whoever leaves is told that nothing was requested, and goes on.
  await page.getByRole("link", { name: "Medicines" }).last().click();
  await expect(page.getByText("Nothing was requested.", { exact: false })).toBeVisible();
  await page.getByRole("link", { name: "Go on with it" }).click();
  await page.getByRole("button", { name: "Request it" }).click();
  await expect(page.getByText("Requested by Maria Rivera for Emma")).toBeVisible();
  await expect(page.getByText("The office answers by", { exact: false })).toBeVisible();

  const office = await browser.newContext({ javaScriptEnabled: true });
  const nora = await office.newPage();
  await signIn(nora, "nora", "/staff/medications");
  await nora.getByRole("link", { name: /Open: Emma Rivera: Albuterol/ }).first().click();
  await expect(nora.getByText("Before <b>gym</b>")).toBeVisible();
  await nora.getByLabel("Approve").check();
  await nora.getByLabel("Words to the patient").fill("Bring it to the next visit.");
  await nora.getByRole("button", { name: "Send the decision" }).click();
  await expect(nora.getByText("The decision was sent.")).toBeVisible();
  await nora.getByRole("button", { name: "It is at the pharmacy" }).click();
  await nora.getByRole("button", { name: "It is done" }).click();
  await expect(nora.getByText("It was noted.")).toBeVisible();
  await office.close();

  await page.getByRole("link", { name: "To all medicines" }).click();
  await page.getByRole("link", { name: /Details: Albuterol/ }).first().click();
  await expect(page.getByText("Approved by Nora Feld (nurse)").first()).toBeVisible();
  await expect(page.getByText("Bring it to the next visit.").first()).toBeVisible();
});

/** One heading, no violation of WCAG where scripts run, nothing wider than the page. */
async function look(page: Page, javaScriptEnabled: boolean | undefined, addresses: string[]) {
  for (const address of addresses) {
    await page.goto(address);
    if (javaScriptEnabled !== false) await hydrated(page);
    await expect(page.locator("h1")).toHaveCount(1);
    if (javaScriptEnabled !== false) await expectNoViolations(page);
    await expectToFit(page);
  }
}

test("a patient's medicines are accessible and fit", async ({ page, javaScriptEnabled }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  const chart = page.url().replace(/\/visits.*/, "");
  await page.goto(`${chart}/medications`);
  const one = (await page.getByRole("link", { name: /Details: Sumatriptan/ }).first().getAttribute("href"))!;
  const allergy = `${chart}/medications/tell?kind=allergy`;
  await look(page, javaScriptEnabled, [`${chart}/medications`, `${chart}/medications/request`, one, `${chart}/medications/tell`, allergy]);
});

test("the office's medicines are accessible and fit", async ({ page, javaScriptEnabled }) => {
  await signIn(page, "torres", "/staff/medications?shelf=all");
  const request = (await page.getByRole("article").first().getByRole("link").getAttribute("href"))!;
  await page.goto("/staff/medications");
  const told = (await page.getByRole("link", { name: /Vitamin D/ }).first().getAttribute("href"))!;
  await look(page, javaScriptEnabled, ["/staff/medications", request, told]);
});
