import { endAll, ownDemo } from "./own-server";
import { expect, expectNoViolations, expectToFit, signIn, signInAtDesk, test } from "./portal";

// What is answered is sent once: each way of looking begins with answers that nobody has given, on a server of its own.
let base: string;

test.beforeAll(async () => {
  test.setTimeout(60_000);
  base = await ownDemo();
});
test.afterAll(endAll);

test("an answer on self-harm shows who helps at once, and the care team hears of it", async ({ browser, javaScriptEnabled }, { project }) => {
  const device = async () => (await browser.newContext({ ...project.use, baseURL: base })).newPage();
  const page = await device();
  await signIn(page, "maria", "/home");
  const chart = (await page.locator('a[href*="/visits"]').first().getAttribute("href"))!.match(/\/p\/[^/]+/)![0];
  await page.goto(`${chart}/questionnaires`);
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await expectToFit(page);
  await page.getByRole("link", { name: "Answer" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: /PHQ-9/ })).toBeVisible();
  const ninth = page.getByRole("group", { name: /^9\. / });
  await ninth.getByLabel("Several days").check();
  if (javaScriptEnabled === false) await page.getByRole("button", { name: "Save and go on later" }).click();
  await expect(page.getByRole("link", { name: "Call 988" })).toBeVisible();
  if (javaScriptEnabled !== false) {
    await expectNoViolations(page);
    await page.getByRole("button", { name: "Save and go on later" }).click();
    await expect(page.getByRole("link", { name: "Call 988" })).toBeVisible();
  }
  await expectToFit(page);
  // What was answered is there when one comes back; what is missing is said, and nothing is lost.
  await page.goto(`${chart}/questionnaires`);
  await page.getByRole("link", { name: "Go on" }).first().click();
  await expect(page.getByRole("group", { name: /^9\. / }).getByLabel("Several days")).toBeChecked();
  await page.getByRole("group", { name: /^1\. / }).getByLabel("Not at all").check();
  await page.getByRole("button", { name: "Send the answers" }).click();
  await expect(page.locator(".error-summary").getByRole("link")).not.toHaveCount(0);
  await expect(page.getByRole("group", { name: /^1\. / }).getByLabel("Not at all")).toBeChecked();
  if (javaScriptEnabled !== false) {
    // The total is added up as one answers, and brings up the question that depends on it.
    for (let number = 1; number <= 9; number++) await page.getByRole("group", { name: new RegExp(`^${number}\\. `) }).getByLabel("Several days").check();
    await expect(page.locator("[data-total]")).toHaveText("9");
    await expect(page.getByRole("group", { name: /^How difficult/ })).toBeVisible();
  }
  const desk = await device();
  await signInAtDesk(desk, "Dr. Miguel Torres", "/home");
  await desk.getByRole("link", { name: "Answers that need you" }).first().click();
  await expect(desk.getByRole("article").filter({ hasText: "Maria Rivera" }).first()).toBeVisible();
  if (javaScriptEnabled !== false) await expectNoViolations(desk);
  await expectToFit(desk);
});
