import { expect, expectNoViolations, expectToFit, hydrated, signIn, test } from "./portal";

/** Every kind of page, by the way that leads there. */
const PAGES = [
  { name: "home", path: "/home" },
  { name: "people", path: "/people" },
  { name: "account", path: "/account" },
  { name: "password", path: "/account/password" },
  { name: "second step", path: "/account/second-step" },
  { name: "authenticator app", path: "/account/second-step/app" },
  { name: "devices", path: "/account/devices" },
  { name: "notices", path: "/account/notices" },
  { name: "sharing", path: "/sharing" },
  { name: "invite", path: "/sharing/invite" },
  { name: "child", path: "/sharing/child" },
  { name: "papers", path: "/sharing/papers" },
  { name: "requests", path: "/requests" },
  { name: "help", path: "/help" },
  { name: "questions", path: "/help/questions" },
  { name: "ask for help", path: "/help/ask" },
  { name: "walk-through", path: "/home?tour=new-experience&step=2" },
  { name: "access log", click: ["Visits", "Personal information", "Who opened this chart"] },
  { name: "visits", click: ["Visits"] },
  { name: "messages", click: ["Visits", "Messages"] },
  { name: "write a message", click: ["Visits", "Messages", "Write a message"] },
  { name: "summary", click: ["Visits", "View After Visit Summary"] },
  { name: "notes", click: ["Visits", "View notes"] },
  { name: "personal information", click: ["Visits", "Personal information"] },
  { name: "health summary", click: ["Visits", "Health summary"] },
  { name: "conditions", click: ["Visits", "Health summary", "All conditions"] },
  { name: "medications", click: ["Visits", "Health summary", "All medications"] },
  { name: "immunizations", click: ["Visits", "Health summary", "All immunizations"] },
  { name: "vital signs", click: ["Visits", "Health summary", "All vital signs"] },
  { name: "blood pressure", click: ["Visits", "Health summary", "All vital signs", "Systolic blood pressure"] },
  { name: "other records", click: ["Visits", "Health summary", "Other records"] },
  { name: "emergency card", click: ["Visits", "Health summary", "Emergency card"] },
  { name: "health cards", click: ["Visits", "Health summary", "Vaccination and test cards"] },
  { name: "summary to print", click: ["Visits", "Health summary", "Whole summary to print"] },
  { name: "test results", click: ["Visits", "Test results"] },
  { name: "one result", click: ["Visits", "Test results", "Lipid panel"] },
  { name: "trend", click: ["Visits", "Test results", "Hemoglobin A1c", "Hemoglobin A1c over time"] },
  { name: "when results are shown", click: ["Visits", "Test results", "When results are shown"] },
  { name: "correction", click: ["Visits", "Test results", "Lipid panel", "Something is wrong here"] },
  { name: "share", click: ["Visits", "Health summary", "Share this record"] },
  { name: "share code", click: ["Visits", "Health summary", "Share this record", "Share code"] },
  { name: "health link", click: ["Visits", "Health summary", "Share this record", "SMART Health Link"] },
  { name: "download", click: ["Visits", "Health summary", "Download this record"] },
  { name: "shared record", path: "/shared" },
  { name: "check a card", path: "/verify" },
  { name: "nothing", path: "/nothing" },
];

for (const scheme of ["light", "dark"] as const) {
  test(`every page is accessible and fits, ${scheme}`, async ({ page }) => {
    test.setTimeout(360_000);
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.goto("/sign-in");
    await hydrated(page);
    await expectNoViolations(page);
    await signIn(page, "maria");
    for (const { name, path, click } of PAGES) {
      await test.step(name, async () => {
        await page.goto(path ?? "/home");
        for (const words of click ?? []) {
          await page.getByRole("link", { name: words }).first().click();
          await expect(page.locator(".skeleton")).toHaveCount(0);
        }
        await page.reload();
        await hydrated(page);
        await expect(page.locator("h1")).toHaveCount(1);
        await expectNoViolations(page);
        const size = page.viewportSize()!;
        await page.setViewportSize({ width: 320, height: 640 });
        await expectToFit(page);
        await expectNoViolations(page);
        await page.setViewportSize(size);
      });
    }
  });
}

test("pages for everybody are accessible", async ({ page }) => {
  for (const path of ["/sign-up", "/sign-up/request", "/sign-up/requested", "/recover", "/recover/sent", "/recover/link", "/help/getting-started", "/help/proxy-access", "/invitation", "/sign-in/second-step", "/shared", "/verify"]) {
    await page.goto(path);
    await hydrated(page);
    await expect(page.locator("h1")).toHaveCount(1);
    await expectNoViolations(page);
    await expectToFit(page);
  }
});

test("staff's page is accessible", async ({ page }) => {
  await signIn(page, "priya", "/staff/patients?query=rivera");
  await expect(page.getByRole("article").first()).toBeVisible();
  await hydrated(page);
  await expectNoViolations(page);
  await page.getByRole("link", { name: "Open Emma Rivera" }).click();
  await expect(page.getByRole("heading", { name: "Record access from paper" })).toBeVisible();
  await expectNoViolations(page);
  await page.getByRole("link", { name: "Join with another record" }).click();
  await expect(page.getByRole("heading", { name: "Which record is the same person’s?" })).toBeVisible();
  await expect(page.getByRole("table").first()).toBeVisible();
  await expectNoViolations(page);
  await expectToFit(page);
  await page.goto("/staff/queue");
  await hydrated(page);
  await expectNoViolations(page);
});

test("a summary prints as a letter, without menus", async ({ page }) => {
  await signIn(page, "maria");
  await page.getByRole("link", { name: "Visits" }).first().click();
  await page.getByRole("link", { name: "View After Visit Summary" }).first().click();
  await expect(page.getByRole("heading", { name: "After Visit Summary", level: 1 })).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByText("Maria Rivera, born")).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Main menu" })).toBeHidden();
  await expect(page.locator(".band")).toBeHidden();
  await expect(page.locator(".demo")).toBeHidden();
});

test("the code stays within its budget", async ({ page }) => {
  const sizes: number[] = [];
  page.on("response", async (response) => {
    // What makes the portal an app on a phone comes when the page is there.
    if (/\.(wasm|js)$/.test(new URL(response.url()).pathname) && !response.url().endsWith("/phone.js")) {
      expect(response.headers()["content-encoding"]).toBe("br");
      // Where the name says the content, it never changes; what a page does by itself keeps its name.
      const kept = new URL(response.url()).pathname === "/page.js" ? "max-age" : "immutable";
      expect(response.headers()["cache-control"]).toContain(kept);
      sizes.push(Number(response.headers()["content-length"]));
    }
  });
  await page.goto("/sign-in");
  await hydrated(page);
  expect(sizes.length).toBe(3);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(264_192);
});

test("another language keeps what was typed", async ({ page }) => {
  // The language is kept with the account: of somebody whom no other test signs in meanwhile.
  await signIn(page, "tanya");
  await page.goto("/help/ask");
  await hydrated(page);
  const text = page.getByRole("main").getByRole("textbox").last();
  await text.fill("The page of my mother is white.\nSince Monday.");
  await page.getByRole("button", { name: "Español" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expect(page.getByRole("main").getByRole("textbox").last()).toHaveValue("The page of my mother is white.\nSince Monday.");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("main").getByRole("textbox").last()).toHaveValue("The page of my mother is white.\nSince Monday.");
  // Once: whoever comes back later finds the form as it is.
  await page.goto("/help/ask");
  await expect(page.getByRole("main").getByRole("textbox").last()).toHaveValue("");
});
