import { chromium } from "playwright";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const base = "http://localhost:4555";
const who = process.argv[2], out = process.argv[3], dark = process.argv.includes("dark"), es = process.argv.includes("es");
const pages = process.argv.slice(4).filter(a => a.startsWith("/"));
for (const [n, w] of [["d", 1280], ["m", 390]]) {
  if (process.argv.includes("only-" + (n == "d" ? "m" : "d"))) continue;
  const c = await b.newContext({ viewport: { width: w, height: 900 }, colorScheme: dark ? "dark" : "light" });
  const p = await c.newPage();
  if (who !== "nobody") await c.request.post(base + "/demo/sign-in", { form: { username: who }, headers: { origin: base } });
  if (es) await c.addCookies([{ name: "language", value: "es", url: base }]);
  let i = 0;
  for (let path of pages) {
    if (path.startsWith("/LINK:")) { // click link with text
      await p.getByRole("link", { name: path.slice(6).split("@")[0] }).nth(+(path.split("@")[1] ?? 0)).click(); await p.waitForLoadState("networkidle");
    } else if (path.startsWith("/BTN:")) { await p.getByRole("button", { name: path.slice(5) }).first().click(); await p.waitForLoadState("networkidle"); }
    else await p.goto(base + path, { waitUntil: "networkidle" });
    await p.waitForTimeout(300);
    await p.screenshot({ path: `/tmp/shots/${out}-${n}${i}.png`, fullPage: true });
    console.log(n, i, p.url(), await p.title());
    i++;
  }
  await c.close();
}
await b.close();
