import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig, type Project } from "@playwright/test";
import { launchOptions } from "./chromium.mjs";
import { CHANGED, databaseOf, logFile, ON_POSTGRES, ports, READ } from "./servers";

const server = process.env.SERVER_BIN ?? "../target/release/server";

/** A demo server of its own for each household. */
function demo(port: number) {
  return {
    command: `${server} demo --fresh --port ${port} --data-dir ${join(tmpdir(), `portal-e2e-${port}`)} ${databaseOf(port)} 2>${logFile(port)}`,
    cwd: "..",
    env: { PORTAL_SITE_ROOT: "target/site", RUST_LOG: "info,sqlx=error,sea_orm=error" },
    url: `http://localhost:${port}/readyz`,
    reuseExistingServer: false,
  };
}

const at = (port: number) => ({ baseURL: `http://localhost:${port}` });
const desktop = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const needsWasm = /.*\.wasm\.spec\.ts/;
/** One person, one passkey at a time: on the desktop. */
const onePasskey = /passkey\.wasm\.spec\.ts/;
/** These change the household, or move the clock, which is the whole server's: on a server of their own, where their lock lets one at a time run. */
const changesPeople = /accounts\.spec\.ts/;
const movesClock = /.*clock.*\.spec\.ts/;
/** This reads what all others made the servers say: last. */
const readsLogs = /logs\.spec\.ts/;
const apart = [changesPeople, movesClock, readsLogs];

const projects: Project[] = [
  // First, since they run one after the other, and in this order.
  { name: "accounts, with wasm, phone", use: { ...phone, ...at(CHANGED) }, testMatch: changesPeople },
  { name: "accounts, without javascript, desktop", use: { ...desktop, ...at(CHANGED), javaScriptEnabled: false }, testMatch: changesPeople },
  { name: "clock", use: { ...desktop, ...at(CHANGED) }, testMatch: movesClock },
  { name: "with wasm, desktop", use: desktop, testIgnore: apart },
  { name: "with wasm, phone", use: phone, testIgnore: [onePasskey, ...apart] },
  { name: "without javascript, desktop", use: { ...desktop, javaScriptEnabled: false }, testIgnore: [needsWasm, ...apart] },
  { name: "without javascript, phone", use: { ...phone, javaScriptEnabled: false }, testIgnore: [needsWasm, ...apart] },
];
if (ports.includes(ON_POSTGRES)) {
  projects.push({ name: "on PostgreSQL", use: { ...desktop, ...at(ON_POSTGRES) }, testMatch: /journeys\.spec\.ts/ });
}
projects.push({ name: "logs", use: desktop, testMatch: readsLogs, dependencies: projects.map((project) => project.name!) });

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
    ...at(READ),
    locale: "en-US",
    timezoneId: "America/New_York",
    // Recording every test costs time; CI records only a second try.
    trace: process.env.CI ? "on-first-retry" : "retain-on-failure",
    launchOptions,
    // What tests answer in a server's place would not reach pages through a service worker; tests of the worker allow it.
    serviceWorkers: "block",
  },
  webServer: ports.map(demo),
  projects,
});
