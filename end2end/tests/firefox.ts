import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket, WebSocketServer } from "ws";
import { folder, freePort, start } from "./own-server";

// A Firefox as it is installed, through WebDriver BiDi, with a push service of ours in place of Mozilla's.

/** The name of a Firefox that starts; nothing where there is none. */
export const FIREFOX = ["firefox-esr", "firefox"].find((name) => spawnSync(name, ["--version"], { encoding: "utf8" }).stdout?.startsWith("Mozilla Firefox"));

/** Mozilla's push service as far as one browser needs it: the browser's own protocol on one side, RFC 8030 on the other. */
export async function pushService() {
  /** The encodings of the messages that came. */
  const taken: string[] = [];
  /** The addresses that the browser gave back. */
  const ended: string[] = [];
  let browser: WebSocket | undefined;
  const http = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    taken.push(request.headers["content-encoding"]!);
    const channelID = request.url!.split("/").at(-1);
    const data = Buffer.concat(pieces).toString("base64url");
    browser!.send(JSON.stringify({ messageType: "notification", channelID, version: `${taken.length}`, data, headers: { encoding: "aes128gcm" } }));
    response.writeHead(201).end();
  });
  await once(http.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(http.address() as { port: number }).port}`;
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    browser = socket;
    socket.on("message", (message) => {
      const { messageType, channelID } = JSON.parse(String(message));
      const answer = (rest: object) => socket.send(JSON.stringify({ messageType, status: 200, channelID, ...rest }));
      if (messageType === "hello") answer({ uaid: "0123456789abcdef0123456789abcdef", use_webpush: true });
      if (messageType === "register") answer({ pushEndpoint: `${origin}/wpush/v2/${channelID}` });
      if (messageType === "unregister") {
        // Firefox says it again where two tabs give the same address back.
        if (!ended.includes(channelID)) ended.push(channelID);
        answer({});
      }
    });
  });
  return {
    origin,
    taken,
    ended,
    close: () => {
      sockets.clients.forEach((socket) => socket.terminate());
      http.close();
    },
  };
}

type Result = { type: string; value?: unknown };

/** A tab of a fresh Firefox; scripts run in its page. */
export async function firefox(pushOrigin: string) {
  const profile = folder();
  const settings: Record<string, unknown> = {
    "dom.push.serverURL": `${pushOrigin.replace("http", "ws")}/`,
    "dom.push.testing.allowInsecureServerURL": true,
    "dom.push.connection.enabled": true,
    // Without a desktop that shows notices.
    "alerts.useSystemBackend": false,
    "browser.shell.checkDefaultBrowser": false,
    "datareporting.policy.dataSubmissionEnabled": false,
    "intl.accept_languages": "en-US",
  };
  writeFileSync(join(profile, "user.js"), Object.entries(settings).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`).join(""));
  const port = await freePort();
  start(FIREFOX!, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", String(port));
  const socket = await connected(`ws://127.0.0.1:${port}/session`);
  let last = 0;
  const waiting = new Map<number, { found: (result: unknown) => void; failed: (error: Error) => void }>();
  socket.on("message", (text) => {
    const { id, type, result, error, message } = JSON.parse(String(text));
    if (type === "error") waiting.get(id)?.failed(new Error(`${error}: ${message}`));
    else waiting.get(id)?.found(result);
  });
  const send = <R>(method: string, params: object) =>
    new Promise<R>((found, failed) => {
      waiting.set(++last, { found: (result) => found(result as R), failed });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  await send("session.new", { capabilities: {} });
  const { contexts } = await send<{ contexts: { context: string }[] }>("browsingContext.getTree", {});
  const [{ context }] = contexts;
  const run = async <R>(script: string) => {
    const parameters = { expression: `(async () => JSON.stringify(await (${script})))()`, target: { context }, awaitPromise: true, userActivation: true };
    const { result, exceptionDetails } = await send<{ result: Result; exceptionDetails?: { text: string } }>("script.evaluate", parameters);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return (result.type === "string" ? JSON.parse(result.value as string) : undefined) as R;
  };
  return {
    run,
    goto: (url: string) => send("browsingContext.navigate", { context, url, wait: "complete" }),
    allowNotices: (origin: string) => send("permissions.setPermission", { descriptor: { name: "notifications" }, state: "granted", origin }),
    /** Runs the script until it says something that is true, also over a page's end. */
    until: async <R>(script: string, seconds = 20) => {
      for (let tries = 0; tries < seconds * 5; tries++) {
        const said = await run<R>(script).catch(() => undefined);
        if (said) return said;
        await pause(200);
      }
      throw new Error(`never: ${script}, at ${await run("[location.href, document.body.innerText]")}`);
    },
  };
}

async function connected(url: string) {
  for (let tries = 0; tries < 300; tries++) {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const open = await Promise.race([once(socket, "open").then(() => true), once(socket, "error").then(() => false)]).catch(() => false);
    if (open) return socket;
    await pause(100);
  }
  throw new Error("Firefox does not answer");
}
