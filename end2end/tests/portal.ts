import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export const PASSWORD = "demo household";

/** Every test fails when the browser complains: a hydration that went wrong says so on the console. */
export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        // The browser itself reports answers that are errors, and pages that were left early; some tests are about these.
        const ofTheBrowser = /^Failed to load resource|ViewTransition opt-in disabled|was preloaded using link preload/;
        if (["error", "warning"].includes(message.type()) && !ofTheBrowser.test(message.text())) {
          complaints.push(message.text());
        }
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Signs in through the form, as everybody does. */
export async function signIn(page: Page, username: string, path = "/home") {
  await page.goto(path);
  await page.getByLabel("User name").or(page.getByLabel("Nombre de usuario")).fill(username);
  await page.getByLabel(/^(Password|Contraseña)$/).fill(PASSWORD);
  await page.getByRole("main").getByRole("button", { name: /^(Sign in|Iniciar sesión)$/ }).first().click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Waits until the wasm has taken over the page. */
export async function hydrated(page: Page) {
  await page.waitForFunction(() => document.documentElement.hasAttribute("data-hydrated"));
}

export async function expectNoViolations(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  expect(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).join(", ")}`)).toEqual([]);
}

/** Nothing scrolls sideways. */
export async function expectToFit(page: Page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(content).toBeLessThanOrEqual(window);
}
