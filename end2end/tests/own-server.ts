import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

// Servers of a test's own, for what would be in the way of the others: another processor, another time.
const SERVER = process.env.SERVER_BIN ?? join(import.meta.dirname, "../../target/release/server");
export const SITE = join(import.meta.dirname, "../../target/site");

const started: ChildProcess[] = [];
const folders: string[] = [];

export const freePort = () =>
  new Promise<number>((found) => {
    const socket = createServer().listen(0, () => {
      const { port } = socket.address() as { port: number };
      socket.close(() => found(port));
    });
  });

export const folder = () => folders[folders.push(mkdtempSync(join(tmpdir(), "portal-own-"))) - 1];

export async function answers(url: string, headers: Record<string, string> = {}) {
  for (let tries = 0; tries < 300; tries++) {
    if ((await fetch(url, { headers }).catch(() => undefined))?.ok) return;
    await pause(100);
  }
  throw new Error(`${url} does not answer`);
}

export function start(program: string, ...args: string[]) {
  const child = spawn(program, args, { stdio: "ignore" });
  started.push(child);
  return child;
}

export const end = (child: ChildProcess) => new Promise((gone) => child.once("exit", gone) && child.kill("SIGKILL"));

/** A server with these arguments, once it is ready at its address. */
export async function serve(url: string, ...args: string[]) {
  const child = start(SERVER, ...args);
  await answers(`${url}/readyz`);
  return child;
}

/** The demo's household in a folder, at a port. */
export const demo = (port: number, data: string) =>
  serve(`http://localhost:${port}`, "demo", "--fresh", "--port", String(port), "--data-dir", data, "--site-root", SITE);

/** A new household at a free port: its address. */
export async function ownDemo() {
  const port = await freePort();
  await demo(port, folder());
  return `http://localhost:${port}`;
}

export async function endAll() {
  await Promise.all(started.filter((child) => child.exitCode === null && child.signalCode === null).map(end));
  for (const made of folders) rmSync(made, { recursive: true, force: true });
}
