// Kills a server again and again while people send messages, and looks whether any message that was acknowledged is lost, or any is there
// twice. What was not acknowledged is sent again with the same key, as a browser does.
//
//   node end2end/kill-server.mjs [--kills 20] [--senders 8] [--port 3210] [--server target/release/server] [--site target/site]
//
// Exit code 0 when nothing is lost and nothing doubled.
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values: given } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    senders: { type: "string", default: "8" },
    port: { type: "string", default: "3210" },
    server: { type: "string", default: "target/release/server" },
    site: { type: "string", default: "target/site" },
  },
});
const base = `http://localhost:${given.port}`;
const folder = mkdtempSync(join(tmpdir(), "portal-kill-"));

let server;
async function start(...more) {
  server = spawn(given.server, ["demo", "--port", given.port, "--data-dir", folder, "--site-root", given.site, ...more], { stdio: "ignore" });
  for (let tries = 0; tries < 600; tries++) {
    try {
      if ((await fetch(`${base}/readyz`)).ok) return;
    } catch {}
    await pause(50);
  }
  throw new Error("the server does not come up");
}
const kill = () => new Promise((gone) => server.once("exit", gone) && server.kill("SIGKILL"));

const headers = { origin: base, "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
async function signIn(username) {
  const answer = await fetch(`${base}/demo/sign-in`, { method: "POST", headers, body: new URLSearchParams({ username }), redirect: "manual" });
  return answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
}
async function page(path, cookie) {
  return (await fetch(base + path, { headers: { cookie } })).text();
}

await start("--fresh");
const cookie = await signIn("nora");
const thread = /\/staff\/messages\/([0-9a-f-]{36})/.exec(await page("/staff/messages?shelf=all", cookie))[1];
const patient = /name="patient" value="([0-9a-f-]{36})"/.exec(await page(`/staff/messages/${thread}`, cookie))[1];

const acknowledged = new Set();
const unanswered = new Set();
let running = true;
async function send(text) {
  const body = new URLSearchParams({ patient, thread, sending_key: text, reply: `Message ${text}` });
  try {
    const answer = await fetch(`${base}/api/messages/answer-as-staff`, { method: "POST", headers: { ...headers, cookie }, body, signal: AbortSignal.timeout(15_000) });
    if (answer.ok) {
      acknowledged.add(text);
      unanswered.delete(text);
      return true;
    }
  } catch {}
  unanswered.add(text);
  return false;
}
const senders = Array.from({ length: Number(given.senders) }, async () => {
  while (running) {
    const text = randomUUID();
    while (running && !(await send(text))) await pause(30);
    // A second click.
    if (Math.random() < 0.2) await send(text);
  }
});

for (let count = 1; count <= Number(given.kills); count++) {
  await pause(150 + Math.random() * 600);
  await kill();
  await start();
}
await pause(300);
running = false;
await Promise.all(senders);
for (const text of [...unanswered]) await send(text);
await kill();

// What is there, as it goes out: each message and its act in one.
const written = execFileSync(given.server, ["outgoing", "--database", `sqlite:${join(folder, "demo.db")}`, "--secret-file", join(folder, "secret.key")], { encoding: "utf8", maxBuffer: 1 << 30 });
const found = new Map();
for (const line of written.split("\n").filter(Boolean)) {
  const text = /^Message ([0-9a-f-]{36})$/.exec(JSON.parse(line).payload?.[0]?.contentString ?? "")?.[1];
  if (text) found.set(text, (found.get(text) ?? 0) + 1);
}
const lost = [...acknowledged].filter((text) => !found.has(text));
const doubled = [...found].filter(([, count]) => count > 1);
console.log(`${given.kills} kills, ${acknowledged.size} acknowledged, ${lost.length} lost, ${doubled.length} doubled, ${unanswered.size} never answered`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = lost.length + doubled.length > 0 || acknowledged.size === 0 ? 1 : 0;
