// Kills a server again and again while people pay their bills, and looks whether each bill is charged exactly once, and stands in the
// ledger exactly once. The payment processor is localstripe, a double of Stripe that others wrote; between it and the server questions and
// answers are slow, lost or late, and its notices come late, twice, out of order, or not at all (processor-shim.mjs).
//
//   node end2end/kill-payments.mjs [--kills 300] [--seed WORDS] [--port 3220] [--server target/release/server] [--site target/site]
//       [--localstripe PROGRAM] [--database postgres://...] [--no-keys] [--wait-for-leases] [--keep]
//
// --seed             the same words make the same payments, kills and faults; where exactly a kill hits is also a matter of time
// --localstripe      target/localstripe/bin/localstripe where it is there, else the one on the PATH (`pip install localstripe==1.15.10`)
// --database         a PostgreSQL database instead of SQLite in a temporary folder; everything in it is deleted. In half of the rounds two
//                    servers run on it.
// --no-keys          the processor does not know that the same idempotency key is the same charge
// --wait-for-leases  a job whose server was killed waits its two minutes; without this the campaign sets it free
// --keep             leaves the folder with database and log
//
// The server gives up a payment of which the processor never heard after a quarter of an hour: so long takes the end of a campaign.
//
// Exit code 0 when no charge is doubled, none is lost, and nobody was told anything else than what is; 1 otherwise; 2 without localstripe.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Shim, ask, seeded } from "./processor-shim.mjs";

const { values: given } = parseArgs({
  options: {
    kills: { type: "string", default: "300" },
    seed: { type: "string", default: randomUUID().slice(0, 8) },
    port: { type: "string", default: "3220" },
    server: { type: "string", default: "target/release/server" },
    site: { type: "string", default: "target/site" },
    localstripe: { type: "string" },
    database: { type: "string" },
    "no-keys": { type: "boolean", default: false },
    "wait-for-leases": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const kills = Number(given.kills);
if (!(kills > 0)) throw new Error(`--kills ${given.kills}: not a number of kills`);
const folder = mkdtempSync(join(tmpdir(), "portal-payments-"));
const file = (name) => join(folder, name);
const log = openSync(file("server.log"), "a");
const database = given.database ?? `sqlite:${file("demo.db")}`;
const severalServers = given.database !== undefined;
const WEBHOOK_SECRET = "whsec_campaign";

const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
function run(program, args, stdio) {
  const child = spawn(program, args, { stdio });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}
const gone = (child) => (child.exitCode ?? child.signalCode) !== null;

// --- the processor ---

function localstripe() {
  const local = join(dirname(fileURLToPath(import.meta.url)), "../target/localstripe/bin/localstripe");
  const program = given.localstripe ?? (existsSync(local) ? local : "localstripe");
  try {
    execFileSync(program, ["--help"], { stdio: "ignore" });
    return program;
  } catch {
    console.error(`${program}: is not there; install it with \`pip install localstripe==1.15.10\`, or name it with --localstripe.`);
    rmSync(folder, { recursive: true, force: true });
    process.exit(2);
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, ready));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function comesUp(name, isThere) {
  for (let tries = 0; tries < 1500; tries++) {
    if (await isThere().catch(() => false)) return;
    await pause(20);
  }
  throw new Error(`${name} does not come up`);
}

const processorPort = await freePort();
const processor = `http://127.0.0.1:${processorPort}`;
const SECRET_KEY = { authorization: "Bearer sk_test_campaign" };
run(localstripe(), ["--port", processorPort, "--from-scratch"], "ignore");
await comesUp("localstripe", async () => (await ask(`${processor}/v1/payment_intents`, { headers: SECRET_KEY })).status === 200);

/** What the processor's script asks in the browser. */
async function fromBrowser(path, fields) {
  const body = JSON.stringify({ key: "pk_test_campaign", ...fields });
  const answer = await ask(`${processor}/v1/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body });
  return JSON.parse(answer.body);
}

const CARDS = { works: "4242424242424242", declined: "4000000000000341", asks: "4000000000003220" };

async function typeCard(secret, card) {
  const path = `setup_intents/${secret.split("_secret_")[0]}/confirm`;
  const typed = { number: CARDS[card], exp_month: "12", exp_year: "2035", cvc: "123" };
  const answer = await fromBrowser(path, { client_secret: secret, payment_method_data: { type: "card", card: typed } });
  // Keeping it is confirmed to the bank at once.
  if (answer.status === "requires_action") await fromBrowser(path, { client_secret: secret });
}

// --- the portal ---

const shim = new Shim({ processor, secret: WEBHOOK_SECRET, keys: !given["no-keys"] });
await shim.listen();

/** How long a server takes to come up, and each step of paying, in milliseconds. */
const typical = { start: 150, prepare: 30, page: 30, card: 40, use: 40, pay: 60, answer: 40 };
const learn = (step, began) => (typical[step] = 0.8 * typical[step] + 0.2 * (performance.now() - began));

class Server {
  constructor(port) {
    this.base = `http://localhost:${port}`;
    this.port = port;
  }

  get isUp() {
    return this.ready === true && !gone(this.process);
  }

  spawn(...args) {
    this.ready = false;
    this.process = run(given.server, [...args, "--site-root", given.site], ["ignore", "ignore", log]);
  }

  async start() {
    const began = performance.now();
    const listen = ["--listen", `127.0.0.1:${this.port}`, "--public-url", this.base];
    const stripe = ["--stripe-secret-key-file", file("sk"), "--stripe-publishable-key", "pk_test_campaign"];
    const notices = ["--stripe-webhook-secret-file", file("whsec"), "--stripe-api", shim.url];
    this.spawn("serve", "--database", database, "--secret-file", file("secret.key"), ...listen, ...stripe, ...notices);
    await this.isReady();
    learn("start", began);
  }

  async isReady() {
    const { process } = this;
    await comesUp("the server", async () => gone(process) || (await ask(`${this.base}/readyz`)).status === 200);
    // Somebody may have killed it meanwhile.
    if (gone(process) && process.exitCode !== null) throw new Error(`the server ended by itself; its log is ${file("server.log")}`);
    this.ready = !gone(process);
  }

  kill() {
    if (gone(this.process)) return undefined;
    return new Promise((done) => this.process.once("exit", done) && this.process.kill("SIGKILL"));
  }
}

const servers = [new Server(Number(given.port)), ...(severalServers ? [new Server(Number(given.port) + 1)] : [])];
const [first, second] = servers;
const isUp = () => servers.filter((server) => server.isUp);
let turn = 0;
/** By turns, where several are up. */
shim.portal = () => isUp()[turn++ % isUp().length]?.base;

/** Rows of a query; ids are digits without hyphens. */
function rows(query) {
  const on = given.database;
  const text = query.replace(/id\((\w+)\)/g, on ? "replace($1::text, '-', '')" : "lower(hex($1))");
  const found = on ? inPostgres(`SELECT json_agg(found) FROM (${text}) found`) : inSqlite(text);
  return JSON.parse(found.trim() || "[]");
}

const TEXT = { encoding: "utf8", maxBuffer: 1 << 28 };
const inPostgres = (text) => execFileSync("psql", [given.database, "-qAtc", text], TEXT);

/** By Python where there is no sqlite3. */
function inSqlite(text) {
  try {
    return execFileSync("sqlite3", ["-json", "-cmd", ".timeout 9000", file("demo.db"), text], TEXT);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return execFileSync("python3", ["-c", PYTHON, file("demo.db"), text], TEXT);
  }
}
const PYTHON = `
import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1], 9)
database.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in database.execute(sys.argv[2])]))
database.commit()`;

/** A job whose server was killed is another’s after two minutes, for which nobody waits here. */
function freeLeases() {
  if (given["wait-for-leases"] || isUp().length > 0) return;
  const text = "DELETE FROM job_lease WHERE name = 'payments'";
  given.database ? inPostgres(text) : inSqlite(text);
}

// --- whoever pays ---

const bare = (id) => id.replaceAll("-", "");
/** What people were told of each payment, and when they looked at it. */
const told = new Map();
const looks = [];

class Unanswered extends Error {}

/** A browser: signed in, or with the cookie of a guest. */
class Browser {
  constructor(cookie, way = "billing") {
    this.cookie = cookie;
    this.way = way;
  }

  async ask(path, fields) {
    const base = shim.portal();
    if (!base) throw new Unanswered();
    const headers = { cookie: this.cookie, origin: base, referer: `${base}/billing`, accept: "text/html" };
    const form = fields && { method: "POST", body: new URLSearchParams(fields).toString() };
    if (form) headers["content-type"] = "application/x-www-form-urlencoded";
    try {
      return await ask(base + path, { headers, ...form });
    } catch {
      throw new Unanswered();
    }
  }

  /** Returns the payment; nothing when it is refused. */
  async prepare(guarantor, bills) {
    const amounts = bills.map(({ id, cents }) => [`amount[b${id}]`, (cents / 100).toFixed(2)]);
    const more = this.way === "pay" ? { email: "guest@example.org" } : { guarantor, method: "new" };
    const answer = await this.ask(`/api/${this.way}/prepare`, [...amounts, ...Object.entries(more)]);
    return /\/payments\/([0-9a-f-]{36})/.exec(answer.headers.location ?? "")?.[1];
  }

  /** What the page of a payment says. */
  async look(id) {
    const look = { id: bare(id), from: Date.now() };
    looks.push(look);
    try {
      const { body } = await this.ask(`/${this.way}/payments/${id}`);
      const title = />(Look once more|Not finished yet|Receipt|Not paid)<\/h1>/.exec(body)?.[1];
      const secret = /data-bank-question="([^"]+)"/.exec(body)?.[1];
      const says = {
        "Look once more": body.includes(`action="/api/${this.way}/pay?`) ? "ready" : "no card",
        "Not finished yet": secret ? "bank asks" : "being checked",
        Receipt: "paid",
        "Not paid": "not charged",
      };
      const is = says[title] ?? "not there";
      told.set(bare(id), (told.get(bare(id)) ?? new Set()).add(is));
      return { is, secret };
    } finally {
      look.to = Date.now();
    }
  }

  async beginCard(id) {
    return /data-card="([^"]+)"/.exec((await this.ask(`/${this.way}/payments/${id}/card`)).body)?.[1];
  }

  /** Returns whether the card was taken. */
  async useCard(id, secret, keep) {
    const fields = { id, setup_intent: secret.split("_secret_")[0], keep: keep ? "true" : "" };
    return (await this.ask(`/api/${this.way}/use-card`, fields)).headers.location === `/${this.way}/payments/${id}`;
  }

  pay(id) {
    return this.ask(`/api/${this.way}/pay`, { id });
  }

  async stop(id) {
    const look = { id: bare(id), from: Date.now() };
    looks.push(look);
    await this.ask(`/api/${this.way}/stop`, { id }).finally(() => (look.to = Date.now()));
  }
}

/** The kill that is to come: at a step of whoever pays, or at a moment of a question or a notice. */
let armed;
function fire(after) {
  const kill = armed;
  armed = undefined;
  kill.fired = pause(after).then(kill.strike);
  return kill;
}
shim.watch = (moment, kind) => {
  if (armed?.moment === moment && (armed.kinds?.includes(kind) ?? true)) fire(armed.share * armed.within);
};
async function step(name, work) {
  if (armed?.step === name) fire(armed.share * typical[name] * 1.3);
  const began = performance.now();
  const found = await work();
  learn(name, began);
  return found;
}

/** The payments that were begun, and with what. */
const begun = new Map();

/** Pays as the pages lead: from wherever the payment stands. Several sessions may have the same payment before them. */
async function follow(who, tab, { twice = false } = {}) {
  for (let turn = 0; turn < 10; turn++) {
    if (!tab.id) {
      const made = await step("prepare", () => who.prepare(tab.payer.id, tab.bills));
      if (!made) return "refused";
      begun.set(bare(made), { id: made, payer: tab.payer, round: tab.round });
      tab.id = made;
    }
    const { id } = tab;
    const { is, secret } = await step("page", () => who.look(id));
    if (is === "no card") {
      const card = (tab.typing ??= await step("card", () => who.beginCard(id)));
      if (!card) continue;
      await typeCard(card, tab.card);
      // Until it is taken, the form with the card stays open.
      if ((await step("use", () => who.useCard(id, card, tab.keep))) || turn > 5) tab.typing = undefined;
    } else if (is === "ready") {
      const clicks = Array.from({ length: twice ? 2 : 1 }, () => step("pay", () => who.pay(id)));
      const ended = await Promise.allSettled(clicks);
      if (ended.some(({ status }) => status === "rejected")) throw new Unanswered();
    } else if (is === "bank asks" && tab.answer !== "later") {
      await step("answer", () => answerBank(who, id, tab.answer, secret));
    } else if (is === "not charged" && tab.again && id === tab.id) {
      Object.assign(tab, { id: undefined, typing: undefined, again: false, card: "works" });
    } else {
      return is;
    }
  }
  return "left";
}

async function answerBank(who, id, answer, secret) {
  const says = (success) => fromBrowser(`payment_intents/${secret.split("_secret_")[0]}/_authenticate`, { client_secret: secret, success });
  if (answer === "stop") return who.stop(id);
  // One tab stops what another one confirms.
  if (answer === "both") return Promise.allSettled([who.stop(id), says("true")]);
  return says(String(answer === "yes"));
}

// --- the household, and more bills ---

const PAYERS = Math.min(20 + Math.ceil(kills / 4), 240);
const BILLS = Math.ceil((kills * 1.5) / PAYERS) + 3;
const random = seeded(`${given.seed} bills`);

function records() {
  const name = (family) => [{ family, given: ["Pat"] }];
  const all = [{ resourceType: "Patient", id: "campaign", name: name("Campaign"), gender: "other", birthDate: "2015-03-04" }];
  const money = (cents) => ({ value: cents / 100, currency: "USD" });
  const number = (system, value) => [{ system: `https://campaign.example/${system}`, value }];
  for (let payer = 1; payer <= PAYERS; payer++) {
    const subject = { reference: "Patient/campaign" };
    all.push({ resourceType: "RelatedPerson", id: `payer-${payer}`, patient: subject, name: name(`Payer${payer}`) });
    const guarantor = [{ party: { reference: `RelatedPerson/payer-${payer}` } }];
    const numbered = { status: "active", identifier: number("accounts", `77${payer}`) };
    all.push({ resourceType: "Account", id: `account-${payer}`, ...numbered, subject: [subject], guarantor });
    for (let bill = 1; bill <= BILLS; bill++) {
      const sum = money(500 + Math.floor(random() * 9500));
      const lineItem = [{ sequence: 1, chargeItemCodeableConcept: { text: "Visit" }, priceComponent: [{ type: "base", amount: sum }] }];
      const account = { reference: `Account/account-${payer}` };
      const known = { identifier: number("bills", `K-${payer}-${bill}`), status: "issued", date: "2026-01-05", subject, account };
      all.push({ resourceType: "Invoice", id: `bill-${payer}-${bill}`, ...known, lineItem, totalNet: sum, totalGross: sum });
    }
  }
  return all.map((resource) => JSON.stringify(resource)).join("\n");
}

const hyphens = (id) => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
const ACCOUNTS = ["maria", "daniel", "carlos"];

async function prepareAll() {
  writeFileSync(file("sk"), "sk_test_campaign");
  writeFileSync(file("whsec"), WEBHOOK_SECRET);
  writeFileSync(file("bills.ndjson"), records());
  const more = given.database ? ["--database", given.database] : [];
  first.spawn("demo", "--port", given.port, "--data-dir", folder, "--fresh", ...more);
  await first.isReady();
  const source = ["--source", "https://campaign.example", file("bills.ndjson")];
  execFileSync(given.server, ["import", "--database", database, ...source], { stdio: ["ignore", "ignore", "inherit"] });
  const signIn = async (username) => {
    const answer = await new Browser("").ask("/demo/sign-in", { username });
    const session = answer.headers["set-cookie"].find((cookie) => cookie.startsWith("session="));
    return new Browser(`${session.split(";")[0]}; language=en`);
  };
  const office = await signIn("dana");
  const sessions = new Map();
  for (const username of ACCOUNTS) sessions.set(username, [await signIn(username), await signIn(username)]);
  const bills = rows("SELECT id(id) AS id, id(guarantor_id) AS payer, balance_cents AS cents FROM bill WHERE number LIKE 'K-%' ORDER BY number");
  const payers = rows("SELECT id(id) AS id, number, family_name AS family FROM guarantor WHERE family_name LIKE 'Payer%' ORDER BY number");
  for (const [at, payer] of payers.entries()) {
    const username = ACCOUNTS[at % ACCOUNTS.length];
    const id = hyphens(payer.id);
    const connected = await office.ask("/api/ledgers/connect", { id, username });
    if (!connected.headers.location?.includes("connected")) throw new Error(`the office connects nobody: ${connected.status}`);
    const own = bills.filter((bill) => bill.payer === payer.id).map((bill) => ({ ...bill, id: hyphens(bill.id), payer: undefined }));
    if (own.length !== BILLS || own.some(({ cents }) => cents <= 0)) throw new Error(`${payer.family} has ${own.length} bills`);
    // Every sixth may also be a guest.
    Object.assign(payer, { key: payer.id, id, sessions: sessions.get(username), bills: own, mayBeGuest: at % 6 === 0 });
  }
  const before = new Set(rows("SELECT id(id) AS id FROM payment_attempt").map(({ id }) => id));
  await first.kill();
  return { payers, before, sum: new Map(bills.map(({ id, cents }) => [id, cents])) };
}

/** A guest of this payer; what was opened for a guest is closed again after half an hour. */
async function guestOf(payer) {
  if (!payer.guest || Date.now() - payer.guestSince > 20 * 60_000) {
    const answer = await new Browser("", "pay").ask("/api/pay/find", { number: payer.number, family_name: payer.family });
    const cookie = answer.headers["set-cookie"]?.find((cookie) => cookie.startsWith("guest_pay="));
    if (!cookie) return payer.sessions[0];
    Object.assign(payer, { guest: new Browser(`${cookie.split(";")[0]}; language=en`, "pay"), guestSince: Date.now() });
  }
  return payer.guest;
}

// --- a round ---

let killed = 0;
const hits = {};

/** Where a kill may come, how often, and within how many milliseconds after that moment. */
const POINTS = {
  prepare: { weight: 6, step: "prepare" },
  card: { weight: 5, step: "card" },
  use: { weight: 9, step: "use" },
  page: { weight: 8, step: "page" },
  pay: { weight: 22, step: "pay" },
  answer: { weight: 6, step: "answer" },
  "charge asked": { weight: 8, moment: "asked", kinds: ["charge"], within: 5 },
  "charge done": { weight: 9, moment: "done", kinds: ["charge"], within: 5 },
  "charge answered": { weight: 14, moment: "answered", kinds: ["charge"], within: 15 },
  "state answered": { weight: 6, moment: "answered", kinds: ["look", "list", "cancel"], within: 12 },
  notice: { weight: 9, moment: "notice", within: 40 },
  job: { weight: 8, moment: ["asked", "done", "answered"], kinds: ["list"], within: 20 },
  start: { weight: 4 },
  afterwards: { weight: 4 },
};

/** A kill at one of these points; of two servers, sometimes of both. */
function newKill(random, name) {
  const { step, moment, kinds, within } = POINTS[name];
  const one = isUp().length > 1 && random.chance(0.7) && !["job", "start"].includes(name);
  const victims = one ? [random.of(isUp())] : servers;
  const kill = { name, step, moment: Array.isArray(moment) ? random.of(moment) : moment, kinds, within, share: random() };
  kill.strike = async () => {
    const struck = victims.filter((server) => server.process && !gone(server.process));
    killed += struck.length;
    hits[kill.name] = (hits[kill.name] ?? 0) + 1;
    await Promise.all(struck.map((server) => server.kill()));
  };
  return kill;
}

async function startAll(two) {
  freeLeases();
  await Promise.all((two ? servers : [first]).filter((server) => !server.isUp).map((server) => server.start()));
}

/** What somebody does: everything of one sitting, which a kill may break off. */
const SITTINGS = {
  once: (payment) => [() => follow(payment.who, payment.tabs[0])],
  "double click": (payment) => [() => follow(payment.who, payment.tabs[0], { twice: true })],
  "two sessions": (payment) => [payment.who, payment.other].map((who) => () => follow(who, payment.tabs[0], { twice: true })),
  "two tabs": (payment) => [payment.who, payment.other].map((who, at) => () => follow(who, (payment.tabs[at] ??= { ...payment.fresh }))),
  // The forms from before are sent again, and the payment that was under way is looked at after that.
  back: ({ who, tabs, fresh }) => [
    async () => {
      const [before] = tabs;
      if (before.id) await who.pay(before.id);
      tabs.push({ ...fresh });
      await follow(who, tabs.at(-1));
      await follow(who, before);
    },
  ],
  leave: () => [],
};

/** Sits at it until it ends or breaks off. */
async function sit(payment, sitting) {
  const ended = await Promise.allSettled(SITTINGS[sitting](payment).map((one) => one()));
  const bad = ended.find(({ status, reason }) => status === "rejected" && !(reason instanceof Unanswered));
  if (bad) throw bad.reason;
}

/** Waits for the kill that is armed; where its moment does not come, it comes all the same. */
async function meet(kill, patience) {
  for (let waited = 0; armed === kill && waited < patience; waited += 10) await pause(10);
  if (armed === kill) fire(kill.share * 150).name = "afterwards";
  await kill.fired;
}

async function round(number, payers) {
  const random = seeded(`${given.seed} round ${number}`);
  shim.begin(`${given.seed} round ${number}`);
  const two = severalServers && random.chance(0.5);
  if (severalServers && !two && second.isUp) await second.kill();
  await startAll(two);
  const point = random.weighed(Object.fromEntries(Object.entries(POINTS).map(([name, { weight }]) => [name, weight])));
  if (point === "job" || point === "start") return killAtStart(random, point, two);

  const busy = new Set(rows("SELECT id(open_for) AS id FROM payment_attempt WHERE open_for IS NOT NULL").map(({ id }) => id));
  const free = payers.filter((payer) => !busy.has(payer.key) && payer.bills.length > 1);
  const payer = random.of(free);
  if (!payer) return pause(1000);
  const fresh = {
    round: number,
    payer,
    bills: payer.bills.splice(0, random.chance(0.15) ? 2 : 1),
    card: point === "answer" ? "asks" : random.weighed({ works: 60, declined: 15, asks: 25 }),
    answer: random.weighed({ yes: 55, no: 12, stop: 13, both: 12, later: 8 }),
    keep: random.chance(0.15),
    again: random.chance(0.6),
  };
  const [who, other] = payer.mayBeGuest && random.chance(0.5) ? [await guestOf(payer), payer.sessions[0]] : payer.sessions;
  const payment = { who, other, fresh, tabs: [{ ...fresh }] };
  if (point === "notice") {
    shim.next = random.of(["lost answer", "none", "slow"]);
    shim.prompt = true;
  }

  let sitting = random.weighed({ once: 50, "double click": 15, "two sessions": 20, "two tabs": 15 });
  // Now and then it is killed once more while somebody tries again.
  for (let act = random.chance(0.25) ? 2 : 1; act > 0; act--) {
    const kill = (armed = newKill(random, sitting === "leave" && point !== "notice" ? "afterwards" : point));
    await sit(payment, sitting);
    await meet(kill, kill.name === "notice" ? 2500 : 0);
    await startAll(two);
    sitting = random.weighed({ once: 30, "double click": 15, "two sessions": 10, back: 15, "two tabs": 10, leave: 20 });
  }
  if (sitting !== "leave") await sit(payment, sitting);
  // Somebody looks again at what was left.
  const left = [...begun.values()].filter(({ payer }) => busy.has(payer.key));
  if (left.length > 0 && random.chance(0.25)) {
    const { id, payer } = random.of(left);
    await payer.sessions[0].look(id).catch(() => {});
  }
}

/** The server is killed while it comes up, or in the first job after that. */
async function killAtStart(random, point, two) {
  const kill = newKill(random, point);
  const rest = newKill(random, "afterwards");
  await rest.strike();
  if (point === "job") armed = kill;
  const started = startAll(two);
  if (point === "job") {
    await started;
    await meet(kill, 1500);
  } else {
    await pause(random() * typical.start * 1.2);
    await kill.strike();
    await started;
  }
  await startAll(two);
}

// --- what came of it ---

const OPEN = "state IN ('asked', 'needs_action')";

/** Nothing goes wrong any more: whoever was asked something answers, and the job does the rest. Returns how many stay open. */
async function settle() {
  const random = seeded(`${given.seed} end`);
  await shim.calm();
  await startAll(false);
  const until = Date.now() + (given["wait-for-leases"] ? 30 : 20) * 60_000;
  for (let waited = 0; Date.now() < until; waited++) {
    for (const { id } of rows("SELECT id(id) AS id FROM payment_attempt WHERE state = 'needs_action'")) {
      const asked = begun.get(id);
      const answer = asked && random.of(["yes", "yes", "no", "stop"]);
      if (asked) await follow(asked.payer.sessions[0], { id: asked.id, answer }).catch(() => {});
    }
    const open = rows(`SELECT id(id) AS id, asked_at FROM payment_attempt WHERE ${OPEN} ORDER BY asked_at`);
    if (open.length === 0) break;
    if (waited % 36 === 3) console.log(`${open.length} payments are being checked, the oldest since ${open[0].asked_at.slice(11, 19)} (UTC)`);
    await pause(5000);
  }
  await shim.calm();
  return rows(`SELECT id(id) AS id FROM payment_attempt WHERE ${OPEN}`);
}

async function intents() {
  const all = [];
  for (;;) {
    const after = all.length > 0 ? `&starting_after=${all.at(-1).id}` : "";
    const page = await ask(`${processor}/v1/payment_intents?limit=50${after}`, { headers: SECRET_KEY, patience: 300_000 });
    const { data, has_more: more } = JSON.parse(page.body);
    all.push(...data);
    if (!more) return all;
  }
}

const named = (id) => `${id} (round ${begun.get(id)?.round ?? "unknown"})`;
const grouped = (all, by) => all.reduce((found, one) => found.set(by(one), [...(found.get(by(one)) ?? []), one]), new Map());
const sumOf = (all, cents) => all.reduce((sum, one) => sum + cents(one), 0);

/** Compares what the processor charged with what the ledger says. Each fault is a sentence. */
function judge({ charges, attempts, parts, entries, owed }) {
  const faults = { double: [], lost: [], other: [] };
  const charged = grouped(charges, (charge) => bare(charge.metadata.attempt ?? "none"));
  const entered = grouped(entries, (entry) => entry.attempt);
  const partsOf = grouped(parts, (part) => part.attempt);
  const known = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  for (const [id, made] of charged) {
    const attempt = known.get(id);
    if (!attempt) faults.lost.push(`${made.map(({ id }) => id)}: charged for ${id}, which no payment is`);
    if (made.length > 1) faults.double.push(`${named(id)}: charged ${made.length} times: ${made.map(({ id }) => id)}`);
    const others = made.filter(({ amount }) => attempt && amount !== attempt.cents);
    if (others.length > 0) faults.other.push(`${named(id)}: ${attempt.cents} cents were asked for, and ${others[0].amount} charged`);
  }
  for (const { id, state, cents } of attempts) {
    const [made, rows, wanted] = [charged.get(id) ?? [], entered.get(id) ?? [], partsOf.get(id) ?? []];
    const words = told.get(id) ?? new Set();
    const perBill = grouped(rows, ({ bill }) => bill);
    if ([...perBill.values()].some((all) => all.length > 1)) faults.double.push(`${named(id)}: entered more than once`);
    if (made.length > 0 && wanted.some(({ bill, cents }) => -sumOf(perBill.get(bill) ?? [], (row) => row.cents) < cents)) {
      faults.lost.push(`${named(id)}: charged ${made.map(({ id }) => id)}, and not entered as ${cents} cents (${state})`);
    }
    if (made.length === 0 && rows.length > 0) faults.other.push(`${named(id)}: entered and never charged`);
    if (rows.length > 0 && -sumOf(rows, (row) => row.cents) !== cents) faults.other.push(`${named(id)}: another sum is entered`);
    if ((state === "paid") !== made.length > 0) faults.other.push(`${named(id)}: is ${state}, with ${made.length} charges`);
    if (words.has("paid") && made.length === 0) faults.other.push(`${named(id)}: somebody was told that it is paid, and it was not charged`);
    if (words.has("not charged") && made.length > 0) faults.double.push(`${named(id)}: somebody was told that nothing was charged, and it was`);
  }
  const paid = grouped(
    parts.filter(({ attempt }) => charged.has(attempt)),
    ({ bill }) => bill,
  );
  for (const [bill, all] of paid) {
    const sum = sumOf(all, (part) => part.cents * charged.get(part.attempt).length);
    if (sum > (owed.get(bill) ?? 0)) faults.double.push(`the bill ${bill} is of ${owed.get(bill)} cents, and ${sum} were charged`);
  }
  return faults;
}

/** Who found out that a payment was made. */
function settledBy(attempt, events) {
  const at = Date.parse(attempt.settled_at);
  if (attempt.settled_at === attempt.asked_at) return "the answer";
  const notices = events.filter(({ object }) => object === attempt.processor_id);
  if (notices.some(({ received_at: received, handled_at: handled }) => [received, handled].includes(attempt.settled_at))) return "a notice";
  return looks.some(({ id, from, to }) => id === attempt.id && from - 2 <= at && at <= to + 2) ? "a page" : "the job";
}

const began = Date.now();
const minutes = () => `${((Date.now() - began) / 60_000).toFixed(1)} min`;
console.log(`Seed ${given.seed}; ${given.database ? "PostgreSQL" : "SQLite"}; ${given["no-keys"] ? "without" : "with"} keys.`);
const { payers, before, sum: owed } = await prepareAll();
shim.rough = true;
for (let number = 1, said = 0; killed < kills; number++) {
  await round(number, payers);
  if (killed - said >= 25) {
    said = killed;
    console.log(`${killed} kills, ${begun.size} payments begun, ${minutes()}`);
  }
}
const campaign = minutes();
const open = await settle();
const check = spawnSync(given.server, ["check", "--database", database], TEXT);
const checked = (check.status === 0 ? check.stdout : `server check: ${check.stderr}`).trim().split("\n").at(-1);
await Promise.all(isUp().map((server) => server.kill()));

const found = await intents();
const charges = found.filter(({ status }) => status === "succeeded");
const ofCampaign = (all, id) => all.filter((row) => !before.has(row[id]));
const PART = "id(attempt_id) AS attempt, id(bill_id) AS bill, cents";
const attempts = ofCampaign(rows("SELECT id(id) AS id, state, cents, processor_id, asked_at, settled_at FROM payment_attempt"), "id");
const parts = ofCampaign(rows(`SELECT ${PART} FROM payment_part`), "attempt");
const ledger = rows(`SELECT ${PART} FROM ledger_entry WHERE kind = 'patient_payment' AND attempt_id IS NOT NULL`);
const entries = ofCampaign(ledger, "attempt");
const events = rows("SELECT object, received_at, handled_at FROM processor_event");

const faults = judge({ charges, attempts, parts, entries, owed });
for (const { id } of open) faults.other.push(`${named(id)}: is still being checked`);
if (shim.counts.believed > 0) faults.other.push(`${shim.counts.believed} forged notices were not refused`);
if (check.status !== 0) faults.other.push(checked);
const kept = new Set(charges.map(({ id }) => id));
for (const [attempt, ids] of shim.charged) {
  if (ids.some((id) => !kept.has(id))) faults.other.push(`${named(bare(attempt))}: the processor said that it is charged, and has no such charge`);
}

const counted = (all) => listed(all.reduce((sums, name) => ({ ...sums, [name]: (sums[name] ?? 0) + 1 }), {}));
const listed = (sums) => Object.keys(sums).sort().map((name) => `${name} ${sums[name]}`).join(", ") || "none";
const { questions, replayed, faults: rough, notices, kept: keptBack, delivered, forged, believed } = shim.counts;
const paid = attempts.filter(({ state }) => state === "paid");
const asked = sumOf([...shim.asked.values()], (times) => times);
console.log(`
Kills: ${killed} in ${campaign}, everything settled after ${minutes()}. At: ${listed(hits)}.
Payments begun: ${attempts.length}: ${counted(attempts.map(({ state }) => state))}.
Charged: ${charges.length}, ${sumOf(charges, ({ amount }) => amount)} cents. Declined, stopped or never confirmed: ${found.length - charges.length}.
The processor was asked ${asked} times to charge ${shim.asked.size} payments.
Entered: ${new Set(entries.map(({ attempt }) => attempt)).size} payments of ${entries.length} bills, ${-sumOf(entries, ({ cents }) => cents)} cents.
Found out by ${counted(paid.map((attempt) => settledBy(attempt, events)))}.
Questions to the processor: ${questions}, ${replayed} of them with a key that it knew; what went wrong: ${listed(rough)}.
Notices: ${notices}, ${keptBack} of them kept back, ${delivered} times taken; ${forged} forged ones, ${believed} of them believed.
${checked}
`);
for (const sentence of [...faults.double, ...faults.lost, ...faults.other]) console.log(`FAULT ${sentence}`);
const sums = [faults.double, faults.lost, faults.other].map((all) => all.length);
const [double, lost, other] = sums;
console.log(`${killed} kills, ${attempts.length} payments begun, ${charges.length} charged, ${double} double, ${lost} lost, ${other} other faults`);
console.log(`Seed ${given.seed}`);
const good = sums.every((sum) => sum === 0) && charges.length > 0;
if (good && !given.keep) rmSync(folder, { recursive: true, force: true });
else console.log(`Database and log: ${folder}`);
process.exit(good ? 0 : 1);
