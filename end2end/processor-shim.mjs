// What stands between a portal and the double of its payment processor (localstripe), for end2end/kill-payments.mjs: a network that is slow
// and loses things, the processor's keys, the order of its lists, and the post that brings its notices.
import { createHash, createHmac } from "node:crypto";
import { createServer, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** Numbers from 0 to 1 that are the same for the same words. */
export function seeded(words) {
  let state = createHash("sha256").update(words).digest().readUInt32LE();
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  next.chance = (share) => next() < share;
  next.of = (all) => all[Math.floor(next() * all.length)];
  /** One of the names, as often as its weight says. */
  next.weighed = (weights) => {
    let left = next() * Object.values(weights).reduce((sum, weight) => sum + weight);
    return Object.entries(weights).find(([, weight]) => (left -= weight) < 0)[0];
  };
  return next;
}

/** Asks once, on a connection of its own; throws when no answer comes. */
export function ask(url, { method = "GET", headers = {}, body, patience = 30_000 } = {}) {
  return new Promise((done, failed) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const asked = request(url, { method, agent: false, headers: { ...headers, ...length }, timeout: patience }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part)).on("error", failed).on("aborted", () => failed(new Error("the answer broke off")));
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
    });
    asked.on("error", failed).on("timeout", () => asked.destroy(new Error("no answer"))).end(body);
  });
}

/** What goes wrong with a question, and how often: of charges more than of others. */
const FAULTS = {
  charge: { none: 48, slow: 24, "lost answer": 12, "broken answer": 4, "lost question": 7, "late question": 5 },
  other: { none: 78, slow: 14, "lost answer": 4, "broken answer": 1, "lost question": 3 },
};
/** A charge of which the processor says this does not change any more. */
const ENDED = ["succeeded", "canceled", "requires_payment_method"];
const NOTICES = "/notices/";

const kindOf = (method, path) => {
  const [, name, id, act] = /^\/v1\/(\w+)\/?(\w*)\/?(\w*)/.exec(path) ?? [];
  if (name !== "payment_intents") return name ?? path;
  if (method === "POST") return act || "charge";
  return id ? "look" : "list";
};

async function read(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

export class Shim {
  /** Hears of every question: `asked` when it has come, `done` when the processor has answered, `answered` when the portal has the answer; of
   * every notice, `notice` when it goes to the portal. */
  watch = () => {};
  /** Where the portal is now. */
  portal = () => undefined;
  /** Without it, nothing goes wrong. */
  rough = false;
  /** What goes wrong with the next charge, where it is not left to chance. */
  next;
  /** Notices come as soon as they are made. */
  prompt = false;
  /** The charges that the processor was asked for, and those that it said it made, by what the portal named them. */
  asked = new Map();
  charged = new Map();
  counts = { questions: 0, faults: {}, replayed: 0, notices: 0, delivered: 0, kept: 0, forged: 0, believed: 0 };

  #processor;
  #secret;
  #keys;
  #seed = "";
  #asks = {};
  #answers = new Map();
  #listed = new Map();
  #underWay = new Set();

  /** `processor`: the base address of localstripe. `keys`: whether the same key is the same charge. */
  constructor({ processor, secret, keys }) {
    this.#processor = processor;
    this.#secret = secret;
    this.#keys = keys;
  }

  async listen() {
    const server = createServer((question, answer) => this.#keep(this.#take(question, answer).catch(() => question.socket.destroy())));
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    this.url = `http://127.0.0.1:${server.address().port}`;
    const hook = { url: `${this.url}${NOTICES}`, secret: this.#secret, events: ["payment_intent.succeeded", "payment_intent.payment_failed"] };
    const made = await ask(`${this.#processor}/_config/webhooks/portal`, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(hook) });
    if (made.status !== 200) throw new Error(`the processor takes no address for notices: ${made.status}`);
  }

  /** From here on, what goes wrong is that of these words. */
  begin(words) {
    this.#seed = words;
    this.#asks = {};
    this.next = undefined;
    this.prompt = false;
  }

  /** Ends all faults, and waits for what is under way. */
  async calm() {
    this.rough = false;
    // localstripe sends a notice a second after what it tells of.
    await pause(1500);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #keep(work) {
    this.#underWay.add(work);
    work.finally(() => this.#underWay.delete(work));
  }

  /** A die of its own for each kind of question, so that one more of another kind changes nothing. */
  #dice(kind) {
    this.#asks[kind] = (this.#asks[kind] ?? 0) + 1;
    return seeded(`${this.#seed} ${kind} ${this.#asks[kind]}`);
  }

  async #take(question, response) {
    const { method, url, socket } = question;
    const body = await read(question);
    if (url.startsWith(NOTICES)) {
      response.end();
      return this.#notice(question.headers["stripe-signature"], body);
    }
    const kind = kindOf(method, url);
    const dice = this.#dice(kind);
    let fault = dice.weighed(FAULTS[kind] ?? FAULTS.other);
    if (kind === "charge" && this.next) [fault, this.next] = [this.next, undefined];
    if (!this.rough) fault = "none";
    this.counts.questions += 1;
    if (fault !== "none") this.counts.faults[fault] = (this.counts.faults[fault] ?? 0) + 1;
    this.watch("asked", kind);
    if (fault === "lost question" || fault === "late question") {
      socket.destroy();
      if (fault === "lost question") return;
      // Whoever asked has given up, and the question still comes to the processor.
      await pause(300 + dice() ** 2 * 40_000);
    }
    if (fault === "slow") await pause(dice() * 300);
    const answer = await this.#answer(kind, question, body);
    this.watch("done", kind);
    if (fault === "slow") await pause(dice() * (kind === "charge" ? 1200 : 300));
    if (fault === "lost answer" || fault === "late question") return socket.destroy();
    if (fault === "broken answer") return response.writeHead(500, JSON_TYPE).end("{");
    response.writeHead(answer.status, { ...JSON_TYPE, "request-id": `req_${this.counts.questions}` }).end(answer.body);
    this.watch("answered", kind);
  }

  /** The processor's answer; to the same key the same one, as Stripe gives it. */
  async #answer(kind, question, body) {
    if (kind === "list") return this.#list(new URL(question.url, this.url).searchParams);
    const attempt = kind === "charge" && new URLSearchParams(body).get("metadata[attempt]");
    if (attempt) this.asked.set(attempt, (this.asked.get(attempt) ?? 0) + 1);
    const key = this.#keys && question.method === "POST" ? question.headers["idempotency-key"] : undefined;
    const asks = `${question.method} ${question.url} ${body}`;
    if (key && this.#answers.has(key)) {
      this.counts.replayed += 1;
      const known = this.#answers.get(key);
      if (known.asks !== asks) return refused(400, { type: "idempotency_error", message: "This key was used with other parameters." });
      return known.answer ?? refused(409, { type: "idempotency_error", code: "idempotency_key_in_use" });
    }
    if (key) this.#answers.set(key, { asks });
    const answer = await this.#forward(question, body);
    const intent = attempt && JSON.parse(answer.body);
    if (intent?.status === "succeeded") this.charged.set(attempt, [...(this.charged.get(attempt) ?? []), intent.id]);
    if (key) this.#answers.set(key, { asks, answer });
    return answer;
  }

  #forward({ method, url, headers }, body) {
    const { authorization, "content-type": type } = headers;
    const more = type ? { "content-type": type } : {};
    return ask(this.#processor + url, { method, headers: { authorization, ...more }, body: method === "GET" ? undefined : body });
  }

  /** Charges as Stripe lists them: the newest first, from an instant on. localstripe lists the oldest first, refuses `created[gte]`, and takes
   * long to write out what has ended: that is remembered. */
  async #list(query) {
    const look = async (path) => JSON.parse((await ask(`${this.#processor}/v1/payment_intents${path}`, { headers: KEY })).body);
    const last = [...this.#listed.keys()].at(-1);
    for (const { id, status } of this.#listed.values()) {
      if (!ENDED.includes(status)) this.#listed.set(id, await look(`/${id}`));
    }
    const { data } = await look(`?limit=10000${last ? `&starting_after=${last}` : ""}`);
    data.forEach((intent) => this.#listed.set(intent.id, intent));
    const since = Number(query.get("created[gte]") ?? 0);
    const all = [...this.#listed.values()].filter(({ created }) => created >= since).reverse();
    const from = all.findIndex(({ id }) => id === query.get("starting_after")) + 1;
    const to = from + Number(query.get("limit") ?? 10);
    return { status: 200, body: JSON.stringify({ object: "list", data: all.slice(from, to), has_more: all.length > to }) };
  }

  /** Brings a notice to the portal: late, twice, after a later one, or not at all; and others that nobody signed who may. */
  #notice(signature, body) {
    const dice = this.#dice("notice");
    this.counts.notices += 1;
    if (this.rough && !this.prompt && dice.chance(0.35)) {
      this.counts.kept += 1;
      return;
    }
    const copies = this.rough && dice.chance(0.3) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = dice.chance(0.2) ? dice() * 60_000 : dice.chance(0.5) ? dice() * 6000 : dice() * 300;
      this.#keep(this.#deliver(signature, body, this.rough && !this.prompt ? late : 0, dice));
    }
    if (this.rough && dice.chance(0.3)) this.#keep(this.#forge(signature, body, dice));
  }

  /** Again until the portal takes it, as Stripe does. */
  async #deliver(signature, body, late, dice) {
    await pause(late);
    for (let tries = 0; tries < 12; tries++) {
      const status = await this.#bring(signature, body);
      if (status === 200) {
        this.counts.delivered += 1;
        return;
      }
      await pause(200 + dice() * 2500);
    }
  }

  async #bring(signature, body) {
    const portal = this.portal();
    if (!portal) return undefined;
    this.watch("notice");
    try {
      const headers = { ...JSON_TYPE, "stripe-signature": signature };
      return (await ask(`${portal}/webhooks/payments`, { method: "POST", headers, body, patience: 45_000 })).status;
    } catch {
      return undefined;
    }
  }

  /** Each of these is refused, whenever it is heard. */
  async #forge(signature, body, dice) {
    const lie = body.replace(/"type": "payment_intent\.\w+"/, '"type": "payment_intent.succeeded"').replace(/"id": "evt_/, '"id": "evt_forged');
    const signed = (secret, text, at) => `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${text}`).digest("hex")}`;
    const now = Math.floor(Date.now() / 1000);
    const [header, text] = dice.of([
      [signature, lie],
      [signature.replace(/v1=./, "v1=g"), body],
      ["", body],
      [signed("whsec_of_somebody_else", lie, now), lie],
      [signed(this.#secret, lie, now - 900), lie],
    ]);
    const status = await this.#bring(header, text);
    if (status === undefined) return;
    this.counts.forged += 1;
    if (status !== 400) this.counts.believed += 1;
  }
}

const JSON_TYPE = { "content-type": "application/json" };
const KEY = { authorization: "Bearer sk_test_campaign" };
const refused = (status, error) => ({ status, body: JSON.stringify({ error }) });
