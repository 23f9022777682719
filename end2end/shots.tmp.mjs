import { chromium } from "@playwright/test";
const base = "http://localhost:4555";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const modes = {
  phone_dark_es: { viewport: { width: 390, height: 844 }, colorScheme: "dark", es: true },
  phone_light_en: { viewport: { width: 390, height: 844 }, colorScheme: "light" },
  desk_light_en: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  desk_dark_es: { viewport: { width: 1280, height: 900 }, colorScheme: "dark", es: true },
  nojs_phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", javaScriptEnabled: false },
};
const jobs = JSON.parse(process.argv[2]); // [[mode, who, path, name]]
const done = {};
for (const [mode, who, path, name] of jobs) {
  const key = mode + who;
  if (!done[key]) {
    const { es, ...options } = modes[mode];
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.goto(base + "/sign-in");
    await page.getByRole("button", { name: `Sign in as ${who}`, exact: true }).or(page.getByRole("button", { name: `Entrar como ${who}`, exact: true })).first().click();
    await page.waitForURL((url) => url.pathname !== "/sign-in");
    if (es) { const b = page.getByRole("button", { name: "Español" }); if (await b.count()) { await b.first().click(); await page.waitForLoadState("load"); } }
    done[key] = page;
  }
  const page = done[key];
  await page.goto(base + path);
  await page.waitForTimeout(900);
  await page.screenshot({ path: `/tmp/shots/${name}_${mode}.png`, fullPage: true });
  console.log(name, mode);
}
await browser.close();
