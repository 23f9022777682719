import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig, type Project } from "@playwright/test";

const server = process.env.SERVER_BIN ?? "../target/release/server";
const postgres = process.env.TEST_POSTGRES_URL;
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const port = 3199;

/** What the server says during the whole run; a test reads it in the end. */
export const logFile = (port: number) => join(tmpdir(), `portal-e2e-${port}.log`);

/** A demo server of its own for each database. */
function demo(port: number, database: string) {
  return {
    command: `${server} demo --fresh --port ${port} --data-dir ${join(tmpdir(), `portal-e2e-${port}`)} ${database} 2>${logFile(port)}`,
    cwd: "..",
    env: { PORTAL_SITE_ROOT: "target/site", RUST_LOG: "info,sqlx=error,sea_orm=error" },
    url: `http://localhost:${port}/readyz`,
    reuseExistingServer: false,
  };
}

const desktop = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const needsWasm = /.*\.wasm\.spec\.ts/;
/** One person, one passkey at a time: on the desktop. */
const onePasskey = /passkey\.wasm\.spec\.ts/;
/** These change the household: alone, one after the other, after the others. */
const changesPeople = /accounts\.spec\.ts/;
const movesClock = /.*clock.*\.spec\.ts/;
const readsLogs = /logs\.spec\.ts/;
const alone = [changesPeople, movesClock, readsLogs];

const projects: Project[] = [
  { name: "with wasm, desktop", use: desktop, testIgnore: alone },
  { name: "with wasm, phone", use: phone, testIgnore: [onePasskey, ...alone] },
  { name: "without javascript, desktop", use: { ...desktop, javaScriptEnabled: false }, testIgnore: [needsWasm, ...alone] },
  { name: "without javascript, phone", use: { ...phone, javaScriptEnabled: false }, testIgnore: [needsWasm, ...alone] },
];
const together = projects.map((project) => project.name!);
projects.push(
  { name: "accounts, with wasm, phone", use: phone, testMatch: changesPeople, dependencies: together },
  {
    name: "accounts, without javascript, desktop",
    use: { ...desktop, javaScriptEnabled: false },
    testMatch: changesPeople,
    dependencies: ["accounts, with wasm, phone"],
  },
  // The clock is the whole server's.
  { name: "clock", use: desktop, testMatch: movesClock, dependencies: ["accounts, without javascript, desktop"] },
  { name: "logs", use: desktop, testMatch: readsLogs, dependencies: ["clock"] },
);
if (postgres) {
  projects.push({ name: "on PostgreSQL", use: { ...desktop, baseURL: `http://localhost:${port - 1}` }, testMatch: /journeys\.spec\.ts/ });
}

export default defineConfig({
  testDir: "tests",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  // A second try on a busy machine; what needed it is listed as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 30_000,
  reporter: [["list"]],
  use: {
    baseURL: `http://localhost:${port}`,
    locale: "en-US",
    timezoneId: "America/New_York",
    trace: "retain-on-failure",
    launchOptions: {
      ...(existsSync(chromium) ? { executablePath: chromium } : {}),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: [demo(port, ""), ...(postgres ? [demo(port - 1, `--database "${postgres}"`)] : [])],
  projects,
});
