import { expect, signIn, test } from "./portal";

const isPhone = (width: number | undefined) => (width ?? 0) < 600;

test("a mother reads what was said at her child's visit", async ({ page, viewport }) => {
  await signIn(page, "maria");
  await expect(page.getByRole("heading", { name: "Hello, Maria" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Needs you" })).toBeVisible();

  const visits = page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" });
  const box = await visits.boundingBox();
  // "Click Visits in the top menu"; on a phone, "the visits button on the left-hand side".
  if (isPhone(viewport?.width)) {
    expect(box!.x).toBeLessThan(20);
    expect(box!.y).toBeGreaterThan(700);
    expect(box!.height).toBeGreaterThanOrEqual(44);
  } else {
    expect(box!.y).toBeLessThan(150);
  }
  await visits.click();
  await expect(page.getByRole("heading", { name: "Upcoming" })).toBeVisible();
  await expect(page.getByText("You are viewing your own chart")).toBeVisible();

  await page.getByText("Switch person").click();
  const emma = page.locator("details.switch").getByRole("link", { name: /Emma Rivera/ });
  await expect(emma).toContainText("Your child · 9 years");
  await expect(emma).toContainText("You see everything");
  await emma.click();
  await expect(page.getByText("You are viewing Emma’s chart as a parent")).toBeVisible();

  const visit = page.getByRole("article").filter({ hasText: "Sore throat and fever" });
  await visit.getByRole("link", { name: "View After Visit Summary" }).click();
  await expect(page.getByRole("heading", { name: "After Visit Summary", level: 1 })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Start taking" })).toBeVisible();
  await expect(page.getByText("Amoxicillin 400 mg/5 mL suspension")).toBeVisible();
  await expect(page.getByText("No school until she has taken the medicine")).toBeVisible();
  await expect(page.getByText("Susan Hale, MD")).toBeVisible();

  await page.getByRole("main").getByRole("link", { name: "View notes" }).click();
  await expect(page.getByRole("heading", { name: "Visit notes", level: 1 })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Assessment and plan" })).toBeVisible();
  await page.getByRole("link", { name: "Back to visits" }).click();
  await expect(page.getByRole("heading", { name: "Past visits" })).toBeVisible();
});

test("a patient follows a result over the years, with the keyboard too", async ({ page }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await page.getByRole("link", { name: "Test results" }).click();
  await page.getByLabel("Name of the test").fill("a1c");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("link", { name: /Lipid panel/ })).toHaveCount(0);
  await page.getByRole("link", { name: /Hemoglobin A1c/ }).first().click();
  await expect(page.getByText("Slightly above the usual range")).toBeVisible();
  await expect(page.getByText("The laboratory changed this result after it was final.")).toBeVisible();
  await page.getByRole("link", { name: "Hemoglobin A1c over time" }).click();
  await expect(page.getByText("Your own 3 earlier values: 5.8 to 6.1")).toBeVisible();
  const points = page.locator(".chart__point");
  await expect(points).toHaveCount(4);
  await points.first().focus();
  await expect(points.first().locator(".chart__readout")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(points.nth(1)).toBeFocused();
  await expect(points.first().locator(".chart__readout")).toBeHidden();
  await expect(points.nth(1).locator(".chart__readout")).toHaveText(/5\.8 %, slightly above the usual range/);
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(5);
});

test("a daughter prints her father's emergency card and does not see what is sensitive", async ({ page }) => {
  await signIn(page, "maria", "/people");
  await page.getByRole("main").getByRole("link", { name: /Ernesto Rivera/ }).click();
  await page.getByRole("link", { name: "Health summary" }).click();
  await expect(page.getByRole("heading", { name: "Immunizations" })).toBeVisible();
  await page.getByRole("link", { name: "Emergency card" }).click();
  await expect(page.getByRole("heading", { name: "Emergency card", level: 1 })).toBeVisible();
  await expect(page.getByRole("heading", { name: "People to call" })).toBeVisible();
  await expect(page.getByText("duelo")).toHaveCount(0);
});

test("a teen's parent sees personal information only, and why", async ({ page }) => {
  await signIn(page, "maria", "/people");
  const lucas = page.getByRole("main").getByRole("link", { name: /Lucas Rivera/ });
  await expect(lucas).toContainText("You see personal information only");
  await lucas.click();
  await expect(page.getByRole("heading", { name: "Why you see only this" })).toBeVisible();
  await expect(page.getByText("MRN-100203")).toBeVisible();
  // And the bills that she pays, of which a teen's confidential visit is a visit on a day.
  await expect(page.getByRole("navigation", { name: "Parts of this chart" }).getByRole("link")).toHaveText([/Billing/, /Personal information/]);
});

test("a wrong password says so and keeps nobody out for good", async ({ page, javaScriptEnabled }) => {
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill("carlos");
  await page.getByLabel("Password").fill("wrong");
  await page.locator("form").getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("User name or password is wrong");
  if (javaScriptEnabled !== false) await expect(page.getByLabel("User name")).toHaveValue("carlos");
  await signIn(page, "carlos", "/sign-in");
  await expect(page.getByRole("heading", { name: "Hola, Carlos" })).toBeVisible();
});

test("after signing in, the person is on the page they asked for", async ({ page }) => {
  await signIn(page, "maria", "/account");
  await expect(page).toHaveURL(/\/account$/);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test("hundreds of visits are filtered and paged", async ({ page, viewport }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  await expect(page.getByText(/^Page 1 of/)).toBeVisible();
  await page.getByRole("link", { name: "Older visits" }).click();
  await expect(page.getByText(/^Page 2 of/)).toBeVisible();
  await expect(page.getByRole("heading", { name: "Upcoming" })).toHaveCount(0);
  // On a phone the choices open when they are wanted.
  if (isPhone(viewport?.width)) await page.locator(".filter summary").click();
  await page.getByLabel("Department").selectOption({ label: "Cardiology, Middletown" });
  await page.getByRole("button", { name: "Show visits" }).click();
  await expect(page).toHaveURL(/department=/);
  await expect(page.getByRole("article")).toHaveCount(1);
  await expect(page.getByRole("article")).toContainText("Cardiology consultation");
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(page.getByText(/^Page 1 of/)).toBeVisible();
});

test("the whole portal speaks Spanish", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Español" }).click();
  await expect(page.getByRole("heading", { name: "Bienvenido a MyChart" })).toBeVisible();
  await signIn(page, "ernesto", "/home");
  await expect(page.getByRole("heading", { name: "Hola, Ernesto" })).toBeVisible();
  await page.getByRole("navigation", { name: "Menú principal" }).getByRole("link", { name: "Consultas" }).click();
  await expect(page.getByRole("heading", { name: "Consultas pasadas" })).toBeVisible();
  await page.getByRole("link", { name: /Ver notas/ }).first().click();
  await expect(page.getByText(/Firmada el \d+ de [a-z]+ de \d{4}/).first()).toBeVisible();
});

test("one tap on the demo desk signs in as anybody", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Sign in as Tanya Cole" }).click();
  await expect(page.getByRole("heading", { name: "You can no longer open Jayden’s chart" })).toBeVisible();
  await expect(page.getByText("emancipated minor").first()).toBeVisible();
});

test("the front desk finds a patient and sees who has access", async ({ page }) => {
  await signIn(page, "priya", "/staff/patients");
  await page.getByRole("searchbox").fill("emma");
  await page.getByRole("button", { name: "Find" }).click();
  const found = page.getByRole("article").filter({ hasText: "Emma Rivera" });
  await expect(found).toContainText("No account yet");
  await expect(found).toContainText("Maria Rivera");
  await expect(found).toContainText("Sees everything");
});

test("a page that is not there says so", async ({ page }) => {
  await signIn(page, "maria");
  const answer = await page.goto("/p/0192f0c1-2345-7abc-8def-0123456789ab/visits");
  expect(answer!.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "This page is not here" })).toBeVisible();
});
