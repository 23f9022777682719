import { FIREFOX, firefox, pushService } from "./firefox";
import { endAll, folder, freePort, serve, SITE } from "./own-server";
import { expect, test } from "./portal";

// Notices from the click on "turn on" to the notice that is shown, in a browser that subscribes and decrypts by itself: a headless
// Chromium has no push service.
test.describe.configure({ mode: "default" });
test.afterAll(endAll);
test.skip(!FIREFOX, "no Firefox is installed");

test("Firefox subscribes, shows what is new, and nothing more after the sign-out or when it is turned off", async ({ page, isMobile }) => {
  test.skip(isMobile, "the window is Firefox's own");
  test.setTimeout(180_000);
  const service = await pushService();
  const port = await freePort();
  const url = `http://localhost:${port}`;
  await serve(url, "demo", "--fresh", "--port", String(port), "--data-dir", folder(), "--site-root", SITE, "--push-services", service.origin);
  const tab = await firefox(service.origin);
  await tab.allowNotices(url);
  const hydrated = "document.documentElement.hasAttribute('data-hydrated')";
  const click = (selector: string) => tab.until(`((found) => found && !found.hidden && (found.click(), true))(document.querySelector("${selector}"))`);
  const state = (wanted: string) => tab.until(`document.querySelector("[data-push]")?.dataset.state === "${wanted}"`);
  const shown = () => tab.run<[string, string][]>("navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map(({ title, body }) => [title, body]))");
  const subscribed = () => tab.run<string | null>("navigator.serviceWorker.ready.then((worker) => worker.pushManager.getSubscription()).then((found) => found?.endpoint ?? null)");
  const signIn = async () => {
    await tab.goto(`${url}/sign-in`);
    await tab.until(hydrated);
    await tab.until(`((found) => found && (found.click(), true))([...document.querySelectorAll("button")].find((button) => button.textContent.includes("Maria Rivera")))`);
    await tab.until(`location.pathname === "/home" && ${hydrated}`);
  };
  const turnOn = async () => {
    await tab.goto(`${url}/phone`);
    await tab.until(hydrated);
    await state("off");
    await click("[data-push-switch]");
    await state("on");
    // Whatever hour it is.
    await tab.until(`((found) => found && ((found.value = ""), found.form.requestSubmit(), true))(document.querySelector("[name=quiet_from]"))`);
    await tab.until(`document.body.innerText.includes("Your choices for this device are saved.")`);
  };
  let letters = 0;
  // Maria asks for help, and the help desk answers.
  const somethingNew = async () => {
    letters += 1;
    await tab.goto(`${url}/help/ask`);
    await tab.until(hydrated);
    await tab.run(`((form) => {
      form.querySelector("select").selectedIndex = 1;
      form.querySelector("textarea").value = "Question ${letters}";
      form.requestSubmit();
    })(document.querySelector("main form:has(textarea)"))`);
    const number = await tab.until<string>(`location.pathname.includes("help/asked") && document.body.innerText.match(/H-\\d{4}-\\d{4}/)?.[0]`);
    await page.goto(`${url}/staff/queue`);
    await page.getByRole("link", { name: `Open ${number}` }).click();
    await page.getByLabel("Answer").fill("It stands below the visit.");
    await page.getByRole("button", { name: "Send the answer" }).click();
    await expect(page.getByText("The answer is on its way.")).toBeVisible();
  };
  await page.goto(`${url}/sign-in`);
  await page.getByRole("button", { name: "Sign in as Marcus Lee", exact: true }).click();
  await page.waitForURL((at) => at.pathname !== "/sign-in");
  await signIn();
  await turnOn();
  expect(await subscribed()).toContain(`${service.origin}/wpush/v2/`);
  await somethingNew();
  await expect.poll(() => service.taken.length, { timeout: 20_000 }).toBe(1);
  await expect.poll(shown, { timeout: 20_000 }).toEqual([["MyChart", "There is something new in MyChart."]]);
  expect(service.taken).toEqual(["aes128gcm"]);
  // Turned off: the browser gives the address back to its service.
  await tab.goto(`${url}/phone`);
  await state("on");
  await click("[data-push-switch]");
  await state("off");
  await expect.poll(() => service.ended.length).toBe(1);
  expect(await subscribed()).toBeNull();
  // And signing out does the same, and takes what was shown along.
  await turnOn();
  await somethingNew();
  await expect.poll(() => service.taken.length, { timeout: 20_000 }).toBe(2);
  await expect.poll(shown).toHaveLength(1);
  await tab.goto(`${url}/account`);
  await tab.until(hydrated);
  await tab.until(`((all) => all.length && (all.at(-1).click(), true))([...document.querySelectorAll("button")].filter((button) => button.textContent.trim() === "Sign out"))`);
  await tab.until(`location.pathname.startsWith("/sign-in")`);
  await expect.poll(() => service.ended.length).toBe(2);
  await expect.poll(shown).toEqual([]);
  service.close();
});
