// The lobby and the room of a video visit. Sound and picture go from browser to browser; the server only tells them of each other
// and carries the chat. Nothing is recorded. What is said comes from the page, as data-texts.

const root = document.querySelector(".video");
const html = document.documentElement;
const { room, role } = root.dataset;
const texts = JSON.parse(root.dataset.texts);
const say = (key, values = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const act = (name) => root.querySelector(`[data-act="${name}"]`);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const write = (place, words) => {
  if (place.textContent !== words) place.textContent = words;
};
const clock = (time) => new Intl.DateTimeFormat(html.lang, { hour: "numeric", minute: "2-digit", timeZone: root.dataset.zone }).format(new Date(time));
const initials = (name) => [...name.split(/\s+/).filter(Boolean)].map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();

// ---- What this tab remembers, so that a page loaded anew keeps its place and asks for nothing that was declined ----

const shelf = `video:${room}`;
const kept = { ticket: "", last: 0, inside: false, mic: "ask", camera: "ask", muted: false };
try {
  Object.assign(kept, JSON.parse(sessionStorage.getItem(shelf)));
} catch {}
const keep = (what) => {
  Object.assign(kept, what);
  try {
    sessionStorage.setItem(shelf, JSON.stringify(kept));
  } catch {}
};
let lastBefore = kept.last;

// ---- Which browser this is ----

const agent = navigator.userAgent;
const isIos = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
const place = isIos ? "ios" : /Android/.test(agent) ? "android" : "desktop";
const browser =
  [["edge", /Edg/], ["firefox", /Firefox|FxiOS/], ["chrome", /Chrom|CriOS/], ["safari", /Safari/]].find(([, sign]) => sign.test(agent))?.[0] ?? "other";
const apps = /FBA[NV]|FB_IAB|Instagram|Line\/|LinkedInApp|Snapchat|Twitter|TikTok|musical_ly|Bytedance|Pinterest|WhatsApp|MicroMessenger|GSA\/|; wv\)/;
// A mail program's window on an iPhone is the system's, without a browser's name.
const isInApp = apps.test(agent) || (isIos && !/Safari\//.test(agent) && !navigator.standalone);
const canCall = "RTCPeerConnection" in window && window.isSecureContext;
const canAsk = Boolean(navigator.mediaDevices?.getUserMedia);
/** How a permission is given back in this very browser. */
const howToAllow = (name) => {
  const key = isInApp ? "allow_inapp" : [`allow_${browser}_${place}`, `allow_${place}`].find((key) => key in texts);
  return say(key, { what: say(`the_${name}`) });
};

// ---- Asking the server ----

let me;
let over = false;
let people = [];
const post = async (path, fields = {}) => {
  const body = new URLSearchParams({ ticket: kept.ticket, ...fields });
  // Where the network changed, what was on its way may hang.
  const signal = AbortSignal.timeout?.(8000);
  const answer = await fetch(`${room}/${path}`, { method: "POST", body, signal, headers: { accept: "application/json" } });
  if (answer.ok && !answer.redirected) return answer.json().catch(() => ({}));
  const { error } = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(`${path}: ${answer.status}`), { refused: answer.status >= 500 || answer.status === 429 ? "" : error ?? "other" });
};
/** Asks until the server answers: it may be gone for a while. */
const patiently = async (ask) => {
  for (let wait = 300; ; wait = Math.min(wait * 2, 3000)) {
    try {
      return await ask();
    } catch (error) {
      if (error.refused || over) throw error;
    }
    await pause(wait);
  }
};

// What goes to the server goes in its order, and again until it is there.
const outbox = [];
let isSending = false;
const send = async (item) => {
  outbox.push(item);
  if (isSending) return;
  isSending = true;
  while (outbox.length && !over) {
    const [first] = outbox;
    let count = 1;
    // What is for one person goes together.
    while (first.to && outbox[count]?.to === first.to && count < 30) count += 1;
    const fields = first.to ? { to: first.to, data: JSON.stringify(outbox.slice(0, count).map(({ words }) => words)) } : first.fields();
    try {
      await patiently(() => post(first.path ?? "signal", fields));
      first.done?.();
    } catch ({ refused }) {
      if (refused === "ended" || refused === "elsewhere") finish(refused);
      first.failed?.();
    }
    outbox.splice(0, count);
  }
  isSending = false;
};
let inside = false;
const mine = () => ({ mic: isHeard(), camera: isSeen(), screen: Boolean(screen) });
const tellState = () => {
  for (const link of links.values()) tell(link, { state: { ...mine(), slow: link.quality } });
  if (me && !outbox.slice(1).some(({ path }) => path === "state")) send({ path: "state", fields: () => ({ inside, ...mine() }) });
};

let ice = { ice: [], relayOnly: false, iceSeconds: 3600 };
let iceAt = 0;
const configuration = () => ({ iceServers: ice.ice, iceTransportPolicy: ice.relayOnly ? "relay" : "all", bundlePolicy: "max-bundle" });
const takeIce = (answer) => {
  ice = answer;
  iceAt = Date.now();
  for (const { pc } of links.values()) pc?.setConfiguration(configuration());
};
const renewIce = () => post("ice").then(takeIce, () => {});
const isIceOld = () => Date.now() - iceAt > ice.iceSeconds * 600;

const enter = async () => {
  const answer = await patiently(() => post("enter"));
  if (answer.ticket !== kept.ticket) lastBefore = 0;
  keep({ ticket: answer.ticket });
  me = answer.me;
  tabs?.postMessage(kept.ticket);
  takeIce(answer);
  listen();
};

let stream;
let lostAt = 0;
let heardAt = 0;
let after = 0;
const listen = () => {
  if (over) return;
  stream?.close();
  const mine = (stream = new EventSource(`${room}/events?ticket=${encodeURIComponent(kept.ticket)}&after=${after}`));
  heardAt = Date.now();
  const on = (kind, hear) =>
    mine.addEventListener(kind, ({ data, lastEventId }) => {
      heardAt = Date.now();
      if (over) return;
      hear(JSON.parse(data), Number(lastEventId));
      paint();
    });
  // These have a number, and come once. What this page was told before it was loaded anew is old.
  const onNumbered = (kind, hear) =>
    on(kind, (words, id) => {
      if (id <= after) return;
      after = id;
      if (after > kept.last) keep({ last: after });
      hear(words, id <= lastBefore);
    });
  on("people", hearPeople);
  onNumbered("signal", ({ from, data }, isOld) => isOld || hearSignal(from, data));
  onNumbered("chat", hearChat);
  on("notice", hearNotice);
  on("end", ({ why }) => finish(why));
  on("beat", () => {});
  mine.onopen = () => {
    lostAt = 0;
    paint();
  };
  mine.onerror = () => {
    if (mine !== stream) return mine.close();
    // The server answered, but with no stream: it may say why.
    if (mine.readyState === EventSource.CLOSED) post("ice").then(takeIce, ({ refused }) => refused && finish(endings[refused] ?? "other"));
    listenAgain();
  };
};
const endings = { ended: "ended", elsewhere: "elsewhere", not_allowed: "removed", early: "over", late: "over" };
const listenAgain = () => {
  const old = stream;
  old.close();
  lostAt ||= Date.now();
  setTimeout(() => old === stream && listen(), 1000);
  setTimeout(paint, 2500);
};
// A tab that was duplicated has the place of the first one, and takes it over.
const tabs = "BroadcastChannel" in window ? new BroadcastChannel(shelf) : null;
if (tabs) tabs.onmessage = ({ data }) => data === kept.ticket && finish("elsewhere");

const leave = () => {
  if (kept.ticket && !over) navigator.sendBeacon(`${room}/leave`, new URLSearchParams({ ticket: kept.ticket }));
};
const finish = (why) => {
  if (over) return;
  if (why === "left") leave();
  over = true;
  inside = false;
  keep({ inside: false, ...(why === "elsewhere" && { ticket: "" }) });
  stream?.close();
  for (const id of [...links.keys()]) drop(id);
  for (const name of ["mic", "camera"]) release(devices[name]);
  stopScreen();
  stopCaptions();
  lock?.release().catch(() => {});
  html.dataset.call = "ended";
  for (const dialog of root.querySelectorAll("dialog[open]")) dialog.close();
  part("lobby").hidden = part("room").hidden = true;
  part("ended").hidden = false;
  write(part("ended-title"), say(`ended_${why}`));
  const text = `ended_${why}_text`;
  write(part("ended-text"), say(`${text}_${role}` in texts ? `${text}_${role}` : text));
  act("again").hidden = !["left", "elsewhere", "other"].includes(why);
  write(act("again"), say(why === "left" ? "join_again" : "continue_here"));
  part("ended-title").focus();
};

// ---- Microphone, camera, loudspeaker ----

const devices = {
  mic: { kind: "audioinput", state: kept.mic === "off" ? "off" : "ask", track: null },
  camera: { kind: "videoinput", state: kept.camera === "off" ? "off" : "ask", track: null, facing: "user" },
};
const speaker = { id: "" };
let muted = kept.muted;
let screen = null;
const isHeard = () => Boolean(devices.mic.track) && !muted;
const isSeen = () => Boolean(devices.camera.track) && !devices.camera.paused;
const wanted = {
  mic: (id) => ({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(id && { deviceId: { exact: id } }) } }),
  camera: (id) => ({
    video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 }, ...(id ? { deviceId: { exact: id } } : { facingMode: devices.camera.facing }) },
  }),
};
const failures = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none", DevicesNotFoundError: "none" };

const release = (device) => {
  if (!device.track) return;
  device.track.onended = device.track.onmute = device.track.onunmute = null;
  device.track.stop();
  device.track = null;
  device.paused = false;
};
const settle = (name, state) => {
  devices[name].state = state;
  if (state !== "asking") keep({ [name]: { works: "on", denied: "off", off: "off" }[state] ?? kept[name] });
  paintCheck(name);
  showOwn();
  if (name === "mic") measure();
  publish();
  if (inside) tellState();
  paint();
};
const turnOn = async (name, id) => {
  const device = devices[name];
  if (device.state === "asking") return;
  if (!canAsk) return settle(name, "unfit");
  release(device);
  settle(name, "asking");
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia(wanted[name](id))).getTracks();
    // Turned off meanwhile.
    if (device.state !== "asking" || over) return track.stop();
    device.track = track;
    device.facing = track.getSettings().facingMode ?? device.facing;
    track.enabled = name === "camera" || !muted;
    track.onended = () => {
      device.track = null;
      settle(name, "none");
      sayFailure(name);
    };
    // A phone stops the camera of a page that is not looked at.
    if (name === "camera") {
      track.onmute = track.onunmute = () => {
        device.paused = track.muted;
        settle(name, "works");
      };
    }
    settle(name, "works");
  } catch (error) {
    device.isBySystem = /system/i.test(error.message);
    device.isDismissed = /dismissed/i.test(error.message);
    settle(name, failures[error.name] ?? "busy");
  }
  listDevices();
};
const turnOff = (name) => {
  release(devices[name]);
  settle(name, "off");
};
const mute = (on) => {
  muted = on;
  keep({ muted });
  if (devices.mic.track) devices.mic.track.enabled = !on;
  if (on) captions?.abort();
  else startCaptions();
  tellState();
  paint();
};
/** The other side of a phone, or the next camera. */
const switchCamera = async () => {
  const { camera } = devices;
  const { facingMode, deviceId } = camera.track?.getSettings() ?? {};
  if (facingMode || place !== "desktop") {
    camera.facing = camera.facing === "environment" ? "user" : "environment";
    return turnOn("camera");
  }
  const found = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  const next = found[(found.findIndex((one) => one.deviceId === deviceId) + 1) % found.length];
  return turnOn("camera", next?.deviceId);
};
const check = (name) => root.querySelector(`[data-check="${name}"]`);
const listDevices = async () => {
  if (!navigator.mediaDevices?.enumerateDevices) return;
  const found = await navigator.mediaDevices.enumerateDevices();
  const fill = (name, kind, chosen, isUseful) => {
    const pick = check(name).querySelector("[data-pick]");
    const some = found.filter((one) => one.kind === kind && one.deviceId);
    const options = some.map(({ deviceId, label }, index) => {
      const option = new Option(label || say("device", { number: index + 1 }), deviceId);
      option.selected = deviceId === chosen;
      return option;
    });
    pick.querySelector("select").replaceChildren(...options);
    pick.hidden = !isUseful || some.length < 2;
  };
  for (const [name, { kind, track }] of Object.entries(devices)) fill(name, kind, track?.getSettings().deviceId, track);
  fill("speaker", "audiooutput", speaker.id, "setSinkId" in HTMLMediaElement.prototype);
  act("switch").hidden = found.filter(({ kind }) => kind === "videoinput").length < 2;
};

let meter;
/** How loud the microphone is, as long as the lobby is there. */
const measure = () => {
  const { track } = devices.mic;
  const level = part("level");
  level.hidden = !track || inside;
  if (meter?.track === track && !level.hidden) return;
  clearInterval(meter?.timer);
  meter?.context.close();
  meter = null;
  if (level.hidden) return;
  const context = new AudioContext();
  context.resume();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loud = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    level.value = Math.min(1, loud * 5);
    if (loud > 0.03) write(check("mic").querySelector("[data-help]"), say("mic_heard"));
  }, 100);
  meter = { track, context, timer };
};

const tester = new Audio();
const useSpeaker = () => [tester, ...root.querySelectorAll("audio")].forEach((player) => player.setSinkId?.(speaker.id).catch(() => {}));
const playTone = async () => {
  const context = new AudioContext();
  const output = context.createMediaStreamDestination();
  [523, 659, 784].forEach((pitch, index) => {
    const start = context.currentTime + 0.1 + index * 0.3;
    const note = new OscillatorNode(context, { frequency: pitch });
    const loud = new GainNode(context, { gain: 0 });
    loud.gain.setTargetAtTime(0.3, start, 0.02);
    loud.gain.setTargetAtTime(0, start + 0.22, 0.04);
    note.connect(loud).connect(output);
    note.start(start);
    note.stop(start + 0.5);
  });
  tester.srcObject = output.stream;
  await tester.play().catch(() => {});
  setTimeout(() => context.close(), 2500);
  paintCheck("speaker", "asking");
};

/** Whether the network lets a visit through: what ways the browser finds. */
const checkConnection = async () => {
  if (!me) {
    check("connection").dataset.way = "unknown";
    return paintCheck("connection", "unknown");
  }
  paintCheck("connection", "asking");
  const pc = new RTCPeerConnection(configuration());
  const ways = new Set();
  const isDone = new Promise((resolve) => {
    pc.onicecandidate = ({ candidate }) => (candidate ? candidate.type && ways.add(candidate.type) : resolve());
    setTimeout(resolve, 10_000);
  });
  pc.createDataChannel("test");
  await pc.setLocalDescription();
  await isDone;
  pc.close();
  const urls = ice.ice.flatMap(({ urls }) => urls);
  const has = (kind) => urls.some((url) => url.startsWith(kind));
  const direct = !ice.relayOnly && (ways.has("srflx") || (ways.has("host") && !has("stun")));
  const relay = ways.has("relay");
  const way = relay ? (direct ? "both" : "relay") : direct ? (has("turn") ? "direct_only" : "direct") : "none";
  check("connection").dataset.way = way;
  paintCheck("connection", { none: "blocked", direct_only: "weak" }[way] ?? "works");
};

const help = (name, state) => {
  if (name === "connection") return state === "asking" ? say("connection_asking") : say(`connection_${check(name).dataset.way}`);
  if (name === "speaker") return say(state === "unheard" ? `speaker_unheard_${place}` : `speaker_${state}`);
  const { isBySystem, isDismissed, paused } = devices[name];
  if (state === "denied") return isBySystem ? say(`system_${place}`, { what: say(`the_${name}`) }) : isDismissed ? say("dismissed") : howToAllow(name);
  if (state === "unfit") return say(`unfit_${name}`);
  if (paused) return say("camera_paused");
  return say(`${name}_${state}`);
};
const paintCheck = (name, state = devices[name].state) => {
  const place = check(name);
  const held = place.contains(document.activeElement) && document.activeElement;
  const tag = place.querySelector("[data-state]");
  place.dataset.now = state;
  write(tag, say(name === "connection" && state === "asking" ? "state_testing" : name === "speaker" && state === "asking" ? "state_playing" : `state_${state}`));
  tag.className = `tag ${{ works: "", ask: "tag--off", off: "tag--off", untested: "tag--off", unknown: "tag--off", asking: "tag--plain" }[state] ?? "tag--warn"}`;
  write(place.querySelector("[data-help]"), help(name, state));
  if (name in devices) paintChoice(name, state, place);
  if (name === "speaker") act("heard").hidden = act("not-heard").hidden = state !== "asking";
  // Who pressed a button that is gone stays with the test.
  if (held.hidden) place.querySelector("button:not([hidden])")?.focus();
};
const paintChoice = (name, state, place) => {
  const [on, off] = [place.querySelector("[data-on]"), place.querySelector("[data-off]")];
  on.hidden = ["asking", "works", "unfit"].includes(state);
  off.hidden = !["ask", "asking", "works"].includes(state);
  write(on, say(state === "ask" || state === "off" ? `${name}_turn_on` : "try_again"));
  write(off, say(state === "works" ? `${name}_turn_off` : `${name}_without`));
};
/** The own picture, as in a mirror where the camera looks at its person. */
const showOwn = () => {
  const { track, facing, paused } = devices.camera;
  for (const name of ["preview", "own-picture"]) {
    const video = part(name);
    video.muted = true;
    if (video.srcObject?.getTracks()[0] !== (track ?? undefined)) video.srcObject = track && new MediaStream([track]);
    video.hidden = !track || paused;
    video.classList.toggle("mirrored", facing !== "environment");
    if (!video.hidden) video.play().catch(() => {});
  }
  part("no-preview").hidden = !part("preview").hidden;
  part("own-face").hidden = !part("own-picture").hidden;
};

const stopScreen = () => {
  screen?.stop();
  screen = null;
};
const shareScreen = async () => {
  if (screen) stopScreen();
  else {
    try {
      [screen] = (await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } } })).getTracks();
      screen.contentHint = "detail";
      screen.onended = () => {
        screen = null;
        publish();
        tellState();
        paint();
      };
    } catch {
      return;
    }
  }
  publish();
  tellState();
  paint();
};

// ---- One connection for each of the others ----

// Both ends of a connection have a number of their own: what was meant for an earlier one is left.
const links = new Map();
let number = 0;
const signal = (link, words) => {
  number += 1;
  send({ to: link.id, words: { n: number, s: link.mine, t: link.theirs, ...words } });
};
const greet = (link) => {
  link.greeted = Date.now();
  signal(link, { hello: true });
};
const makeLink = (id) => {
  const link = { id, mine: crypto.randomUUID(), theirs: "", pc: null, quality: 0, failed: 0 };
  links.set(id, link);
  return link;
};
const drop = (id) => {
  const link = links.get(id);
  links.delete(id);
  hangUp(link);
  tuneAll();
};
const hangUp = (link) => {
  clearTimeout(link?.mending);
  link?.pc?.close();
};
const isUp = (link) => link?.pc?.connectionState === "connected";
const isDown = (link) => ["disconnected", "failed"].includes(link?.pc?.connectionState);
/** Who is in the visit has a connection, and nobody else. */
const meet = () => {
  for (const { id } of [...links.values()]) if (!others().some((one) => one.id === id && one.inside)) drop(id);
  for (const { id } of others()) if (inside && person(id).inside && !links.has(id)) greet(makeLink(id));
};

let hearing = Promise.resolve();
const heard = new Map();
const hearSignal = (from, data) => {
  if (!inside) return;
  let list;
  try {
    list = JSON.parse(data);
  } catch {
    return;
  }
  for (const words of list) {
    // Sent again, since its answer was lost.
    const last = heard.get(from);
    if (last?.s === words.s && words.n <= last.n) continue;
    heard.set(from, { s: words.s, n: words.n });
    hearing = hearing.then(() => (words.hello ? hearHello(from, words) : take(links.get(from), words))).catch((error) => console.warn(error));
  }
};
const hearHello = (from, { s, t }) => {
  const link = links.get(from) ?? makeLink(from);
  const isNew = link.theirs !== s;
  link.theirs = s;
  if (t !== link.mine) greet(link);
  if (isNew) connect(link);
};
const connect = (link) => {
  hangUp(link);
  const pc = new RTCPeerConnection(configuration());
  // What still comes from an earlier connection counts no more.
  const on = (kind, hear) => pc.addEventListener(kind, (event) => link.pc === pc && hear(event));
  Object.assign(link, { pc, isOffering: false, ignores: false, ways: null, gets: [], says: null, quality: 0, good: 0, bad: 0, upAt: 0 });
  link.channel = pc.createDataChannel("words", { negotiated: true, id: 0 });
  link.channel.onopen = () => tell(link, { state: { ...mine(), slow: link.quality } });
  link.channel.onmessage = ({ data }) => hearWords(link, data);
  // The one with the smaller name gives way, and lets the other begin.
  link.isPolite = me < link.id;
  on("negotiationneeded", () => offer(link));
  on("icecandidate", ({ candidate }) => candidate && signal(link, { candidate }));
  on("track", ({ track, transceiver }) => {
    link.gets[pc.getTransceivers().indexOf(transceiver)] = track;
    paint();
  });
  on("connectionstatechange", () => changed(link));
  if (!link.isPolite) {
    for (const kind of ["audio", "video", "video"]) pc.addTransceiver(kind, { direction: "sendrecv", streams: [ownStream] });
    fill(link);
  }
  link.mending = setTimeout(mend, 15_000, link);
};
const offer = async (link) => {
  const { pc } = link;
  if (link.isPolite && !pc.remoteDescription) return;
  try {
    link.isOffering = true;
    await pc.setLocalDescription();
    signal(link, { description: pc.localDescription });
  } catch (error) {
    console.warn(error);
  } finally {
    link.isOffering = false;
  }
};
const changed = (link) => {
  const state = link.pc.connectionState;
  clearTimeout(link.mending);
  if (isUp(link)) {
    link.failed = 0;
    link.upAt = Date.now();
    tuneAll();
  } else if (state === "failed") mend(link);
  else if (state === "disconnected") link.mending = setTimeout(mend, 2500, link);
  paint();
};
const ownStream = typeof MediaStream === "function" ? new MediaStream() : null;
const take = async (link, { s, t, description, candidate }) => {
  if (!link?.pc || s !== link.theirs || t !== link.mine) return;
  const { pc } = link;
  if (description) {
    const collides = description.type === "offer" && (link.isOffering || pc.signalingState !== "stable");
    link.ignores = !link.isPolite && collides;
    if (link.ignores) return;
    await pc.setRemoteDescription(description);
    if (description.type !== "offer") return;
    fill(link);
    await pc.setLocalDescription();
    signal(link, { description: pc.localDescription });
  } else if (candidate) {
    await pc.addIceCandidate(candidate).catch((error) => link.ignores || console.warn(error));
  }
};
/** What this side sends: sound, picture and screen each have their place, also while there is none. */
const fill = (link) => {
  const [mic, camera, shown] = link.pc.getTransceivers();
  if (link.ways || !shown) return;
  link.ways = { mic, camera, screen: shown };
  for (const way of [mic, camera, shown]) {
    way.direction = "sendrecv";
    if (link.isPolite) way.sender.setStreams?.(ownStream);
  }
  publish();
};
const publish = () => {
  const tracks = { mic: devices.mic.track, camera: devices.camera.track, screen };
  for (const { ways, pc } of links.values()) {
    for (const [name, way] of Object.entries(ways ?? {})) {
      if (way.sender.track !== tracks[name] && pc.signalingState !== "closed") way.sender.replaceTrack(tracks[name]).catch(() => {});
    }
  }
};
/** A connection that was lost is looked for anew; after some tries it is made anew. */
const mend = async (link) => {
  clearTimeout(link.mending);
  if (links.get(link.id) !== link || isUp(link)) return;
  if (isIceOld()) await renewIce();
  // Where the network changed, the stream may be gone too, and does not know.
  if (!lostAt && Date.now() - heardAt > 5000) listen();
  // Without the server, or the other's page, nobody would hear of it.
  if (lostAt || !navigator.onLine || person(link.id)?.here === false) {
    link.mending = setTimeout(mend, 2000, link);
    return;
  }
  link.failed += 1;
  if (link.failed % 3 === 0) {
    Object.assign(link, { mine: crypto.randomUUID() });
    greet(link);
    connect(link);
  } else {
    if (link.pc.remoteDescription) link.pc.restartIce();
    link.mending = setTimeout(mend, 8000, link);
  }
};

// ---- The picture gives way before the sound ----

const qualities = [
  { maxBitrate: 1_200_000, scale: 1, needs: 350_000 },
  { maxBitrate: 500_000, scale: 1.5, needs: 200_000 },
  { maxBitrate: 220_000, scale: 2, needs: 100_000 },
  { maxBitrate: 90_000, scale: 4, needs: 50_000 },
  { maxBitrate: 50_000, scale: 4, needs: 0, isOff: true },
];
const shape = async (sender, change, preference) => {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings ?? [];
  if (!encoding) return;
  Object.assign(encoding, change);
  if (preference) parameters.degradationPreference = preference;
  await sender.setParameters(parameters).catch(() => {});
};
const tune = (link) => {
  const { maxBitrate, scale, isOff } = qualities[link.quality];
  shape(link.ways.mic.sender, { priority: "high", networkPriority: "high" });
  const picture = { maxBitrate: Math.round(maxBitrate / Math.sqrt(links.size)), scaleResolutionDownBy: Math.max(scale, (links.size + 1) / 2) };
  shape(link.ways.camera.sender, { ...picture, active: !isOff, priority: "low" }, "balanced");
  shape(link.ways.screen.sender, { maxBitrate: Math.max(maxBitrate, 150_000) }, "maintain-resolution");
};
/** The more there are, the less each gets. */
const tuneAll = () => [...links.values()].filter(isUp).forEach(tune);
const judge = async (link) => {
  let loss = 0;
  let room = Infinity;
  for (const report of (await link.pc.getStats()).values()) {
    if (report.type === "remote-inbound-rtp") loss = Math.max(loss, report.fractionLost ?? 0);
    if (report.type === "candidate-pair" && report.nominated && report.availableOutgoingBitrate) room = report.availableOutgoingBitrate;
  }
  const { quality } = link;
  const isBad = loss > 0.08 || (Date.now() - link.upAt > 10_000 && room < qualities[quality].needs);
  const isGood = loss < 0.02 && (qualities[quality].isOff || room > qualities[quality].needs * 1.3);
  link.bad = isBad ? link.bad + 1 : 0;
  link.good = isGood ? link.good + 1 : 0;
  // Down after four seconds, up after ten; a picture that had to be taken back waits longer.
  link.patience ??= 5;
  if (link.bad >= 2 && quality < qualities.length - 1) {
    if (Date.now() - (link.raisedAt ?? 0) < 15_000) link.patience = Math.min(link.patience * 2, 40);
    link.quality += 1;
  } else if (link.good >= link.patience && quality > 0) {
    link.quality -= 1;
    link.raisedAt = Date.now();
  } else return;
  link.good = link.bad = 0;
  tune(link);
  tell(link, { state: { ...mine(), slow: link.quality } });
  paint();
};
setInterval(() => {
  if (over || !me) return;
  for (const link of links.values()) {
    if (isUp(link) && link.ways) judge(link).catch(() => {});
    if (!link.theirs && person(link.id)?.here && Date.now() - link.greeted > 8000) greet(link);
  }
  if (!lostAt && !outbox.length && !isKnown()) tellState();
  if (isIceOld()) {
    iceAt = Date.now() - ice.iceSeconds * 500;
    renewIce();
  }
  // A stream that says nothing may be gone without a word.
  if (stream.readyState === EventSource.OPEN && Date.now() - heardAt > 45_000) listen();
  paint();
}, 2000);

// ---- Words between browsers: what is on, and captions ----

const tell = (link, words) => {
  if (link.channel?.readyState === "open") link.channel.send(JSON.stringify(words));
};
const hearWords = (link, data) => {
  let words;
  try {
    words = JSON.parse(data);
  } catch {
    return;
  }
  if (words.state) link.says = words.state;
  if (words.caption) caption(link.id, String(words.caption).slice(0, 300));
  if (words.asks === "captions") askForCaptions(person(link.id)?.name ?? "");
  paint();
};
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
let captions = null;
const caption = (id, words) => {
  const place = id === me ? part("own-caption") : tiles.get(id)?.caption;
  if (!place) return;
  place.hidden = false;
  place.textContent = words.length > 120 ? `… ${words.slice(-120)}` : words;
  clearTimeout(place.timer);
  place.timer = setTimeout(() => (place.hidden = true), 6000);
};
const startCaptions = () => {
  if (!captions || captions.isOn || muted) return;
  captions.isOn = true;
  captions.start();
};
const stopCaptions = () => {
  const old = captions;
  captions = null;
  old?.abort();
};
const turnOnCaptions = () => {
  captions = new Recognition();
  Object.assign(captions, { lang: html.lang, continuous: true, interimResults: true });
  const own = captions;
  captions.onresult = ({ results, resultIndex }) => {
    const words = [...results].slice(resultIndex).map(([best]) => best.transcript).join(" ").trim();
    if (!words || captions !== own || muted) return;
    caption(me, words);
    for (const link of links.values()) tell(link, { caption: words });
  };
  captions.onerror = ({ error }) => {
    if (["no-speech", "aborted"].includes(error) || captions !== own) return;
    stopCaptions();
    announce(say("captions_failed"));
    paint();
  };
  // Browsers stop after a silence.
  captions.onend = () => {
    own.isOn = false;
    setTimeout(startCaptions, 300);
  };
  startCaptions();
};
const askForCaptions = (name) => {
  part("captions-asked").hidden = !name;
  write(part("captions-asked"), name && say("captions_asked", { name }));
  write(part("captions-text"), say(Recognition ? "captions_text" : "captions_cannot"));
  act("captions-yes").hidden = !Recognition;
  act("captions-ask").hidden = Boolean(name);
  if ((!name || (!captions && Recognition)) && !part("captions-dialog").open) part("captions-dialog").showModal();
};

// ---- People, chat, notices ----

const others = () => people.filter(({ id }) => id !== me);
const person = (id) => people.find((one) => one.id === id);
let news;
const announce = (words) => {
  news = { words, until: Date.now() + 6000 };
  setTimeout(paint, 6100);
  paint();
};
const goneAt = new Map();
const hearPeople = (list) => {
  const before = people;
  people = list;
  for (const one of others()) {
    const was = before.find(({ id }) => id === one.id);
    if (before.length && inside && one.inside !== Boolean(was?.inside)) announce(say(one.inside ? "came" : "went", one));
    else if (before.length && inside && !was && !one.inside) announce(say("waits", one));
    if (one.here) goneAt.delete(one.id);
    else if (!goneAt.has(one.id)) goneAt.set(one.id, Date.now());
  }
  for (const { id, name, inside } of before) {
    if (id !== me && inside && !person(id)) announce(say("went", { name }));
  }
  meet();
};
/** The server may have missed something while it was gone, or heard of this page's leaving after its return. */
const isKnown = () => Object.entries({ inside, ...mine() }).every(([key, now]) => person(me)?.[key] === now);
/** Somebody whose page is away for some seconds has lost the connection; a moment is nothing. */
const isGone = ({ id }) => Date.now() - (goneAt.get(id) ?? Infinity) > 4000;
const hasLost = (one) => one.inside && (isGone(one) || isDown(links.get(one.id)));

const tiles = new Map();
const tileOf = (id) => {
  if (tiles.has(id)) return tiles.get(id);
  const player = (kind) => {
    const made = element("video", { playsinline: "", hidden: "", class: kind });
    made.muted = true;
    return made;
  };
  const tile = { picture: player("tile__picture"), screen: player("tile__screen"), audio: element("audio"), face: element("span", { class: "face", "aria-hidden": "true" }) };
  tile.caption = element("p", { class: "tile__caption", hidden: "" });
  tile.name = element("p", { class: "tile__name" });
  tile.note = element("p", { class: "tile__note", hidden: "" });
  tile.box = element("div", { class: "tile" }, tile.screen, tile.picture, tile.face, tile.note, tile.caption, tile.name);
  part("own").before(tile.box);
  part("sound").append(tile.audio);
  tiles.set(id, tile);
  useSpeaker();
  return tile;
};
const start = (player) =>
  player.play().catch((error) => {
    if (error.name === "NotAllowedError") act("hear").hidden = false;
  });
const paintTile = (one) => {
  const tile = tileOf(one.id);
  const link = links.get(one.id);
  const { mic, camera, screen: shows, slow = 0 } = link?.says ?? one;
  const up = isUp(link);
  [tile.audio, tile.picture, tile.screen].forEach((player, index) => {
    const track = link?.gets?.[index];
    if (!track || player.srcObject?.getTracks()[0] === track) return;
    player.srcObject = new MediaStream([track]);
    start(player);
  });
  tile.picture.hidden = !up || !camera || slow === qualities.length - 1;
  tile.screen.hidden = !up || !shows;
  tile.face.hidden = !tile.picture.hidden || !tile.screen.hidden;
  tile.box.classList.toggle("tile--shares", !tile.screen.hidden);
  write(tile.face, initials(one.name));
  write(tile.name, mic ? one.name : `${one.name} · ${say("is_muted")}`);
  tile.picture.setAttribute("aria-label", say("picture_of", one));
  tile.screen.setAttribute("aria-label", say("screen_of", one));
  const note = hasLost(one) ? say("they_lost", one) : !up ? say("connecting") : slow >= 2 ? say(slow === qualities.length - 1 ? "paused_slow" : "reduced") : "";
  write(tile.note, note);
  tile.note.hidden = !note;
};
let paintedPeople;
const paintPeople = () => {
  const shown = people.map((one) => {
    const where = isGone(one) && one.id !== me ? say("lost") : one.inside ? say("in_visit") : say("waiting_since", { time: clock(one.since) });
    return { ...one, about: [say(`role_${one.role}`), where].join(" · "), canRemove: one.role === "guest" && role !== "guest" && one.id !== me };
  });
  const now = JSON.stringify(shown);
  if (now === paintedPeople) return;
  paintedPeople = now;
  const rows = shown.map((one) => {
    const name = one.id === me ? say("name_you", one) : one.name;
    const row = element("li", { class: "person" }, element("span", { class: "face", "aria-hidden": "true" }, initials(one.name)));
    row.append(element("span", {}, element("b", {}, name), element("span", { class: "meta" }, one.about)));
    if (!one.canRemove) return row;
    const remove = element("button", { type: "button", class: "btn quiet", "data-id": one.id, "aria-label": say("remove_name", one) }, say("remove"));
    remove.onclick = () => confirmed("remove", one, () => send({ path: "remove", fields: () => ({ who: one.id }) }));
    row.append(remove);
    return row;
  });
  const list = part("people");
  const held = list.contains(document.activeElement) && document.activeElement.dataset.id;
  list.replaceChildren(...rows);
  if (held) (list.querySelector(`[data-id="${held}"]`) ?? act("close-people")).focus();
  const those = people.filter(({ inside, role }) => inside && role !== "guest");
  part("keep").checked = Boolean(person(me)?.keeps);
  write(part("keeps"), say("keeps", { some: those.filter(({ keeps }) => keeps).length, all: those.length }));
};

let unread = 0;
const hearChat = ({ from, name, text, at }, isOld) => {
  const row = element("li", { class: from === me ? "said said--own" : "said" });
  row.append(element("p", { class: "meta" }, `${from === me ? say("you") : name} · ${clock(at)}`), element("p", { class: "said__text" }, text));
  part("chat").append(row);
  row.scrollIntoView({ block: "nearest" });
  if (isOld || from === me || !part("chat-panel").hidden) return;
  unread += 1;
  if (inside) announce(say("new_message", { name }));
};
const sendChat = () => {
  const field = part("write").elements.namedItem("text");
  const text = field.value.trim();
  if (!text) return;
  number += 1;
  const key = number;
  field.value = "";
  const lost = () => {
    field.value ||= text;
    announce(say("not_sent"));
  };
  // The same key is the same message, should its answer be lost.
  send({ path: "chat", fields: () => ({ text, key: `${page}-${key}` }), failed: lost });
};
const page = crypto.randomUUID?.();

let delay = null;
const hearNotice = (notice) => {
  delay = notice.delay;
  act("admit").setAttribute("aria-pressed", String(Boolean(notice.closed)));
};

// ---- What is shown ----

const isCut = () => lostAt && Date.now() - lostAt > 2000;
/** A word for how it stands, for this page and its tests. */
const standing = () => {
  if (over) return "ended";
  if (!inside) return "lobby";
  const all = [...links.values()];
  const isAlone = all.some(isDown) && !all.some(isUp) && others().some((one) => one.inside && one.here);
  if (!navigator.onLine || isAlone || (isCut() && !all.some(isUp))) return "lost";
  return all.some(isUp) ? "connected" : "waiting";
};
const words = (now) => {
  if (now === "lost") return say("lost_you");
  if (isCut()) return say("server_away");
  const away = others().find(hasLost);
  if (away) return say("they_lost", away);
  if (news?.until > Date.now()) return news.words;
  if (devices.camera.paused) return say("camera_paused");
  const slow = Math.max(0, ...[...links.values()].filter(isUp).map(({ quality }) => quality));
  if (slow >= 2 && isSeen()) return say(slow === qualities.length - 1 ? "own_paused_slow" : "own_reduced");
  if (now === "waiting") {
    if (others().some((one) => one.inside)) return say("connecting");
    const ready = others().find((one) => one.here);
    const wait = ready ? say("gets_ready", ready) : say(role === "clinician" ? "wait_clinician" : "wait");
    return delay ? `${wait} ${say("delay", { minutes: delay })}` : wait;
  }
  return "";
};
const paint = () => {
  if (over) return;
  const now = standing();
  if (html.dataset.call !== now) html.dataset.call = now;
  part("delay").hidden = !delay;
  write(part("delay"), delay ? say("delay", { minutes: delay }) : "");
  if (!inside) return paintJoin();
  write(part("says"), words(now));
  const there = others().filter((one) => one.inside);
  for (const [id, tile] of tiles) {
    if (there.some((one) => one.id === id)) continue;
    tile.box.remove();
    tile.audio.remove();
    tiles.delete(id);
  }
  there.forEach(paintTile);
  part("stage").dataset.others = there.length;
  if (person(me)) write(part("own-face"), initials(person(me).name));
  paintPeople();
  const press = (name, on) => act(name).setAttribute("aria-pressed", String(on));
  press("mic", isHeard());
  press("camera", isSeen());
  press("screen", Boolean(screen));
  press("captions", Boolean(captions));
  if (unread) act("chat").dataset.count = unread;
  else delete act("chat").dataset.count;
};
const paintJoin = () => {
  const gives = (name) => ["ask", "asking", "works"].includes(devices[name].state);
  const how = gives("mic") ? (gives("camera") ? "join" : "join_sound") : gives("camera") ? "join_picture" : "join_only";
  write(act("join"), say(how));
  act("join").disabled = isJoining;
  const there = others().filter((one) => one.inside);
  const ready = others().filter((one) => !one.inside && one.here);
  const list = (some) => new Intl.ListFormat(html.lang).format(some.map(({ name }) => name));
  const who = () => {
    if (!me) return say("reaching");
    if (isCut() || !navigator.onLine) return say("lost_you");
    if (there.length) return say("are_inside", { names: list(there) });
    return ready.length ? say("get_ready", { names: list(ready) }) : say("nobody");
  };
  write(part("who"), who());
};

let asked;
const confirmed = (what, values, then) => {
  asked = then;
  write(part("leave-question"), say(`${what}_question`, values));
  write(part("leave-yes"), say(`${what}_yes`));
  part("leave-dialog").showModal();
};
const togglePanel = (name, on) => {
  for (const one of ["chat", "people"]) {
    part(`${one}-panel`).hidden = one !== name || !on;
    act(one).setAttribute("aria-expanded", String(one === name && on));
  }
  if (name === "chat") {
    unread = 0;
    part("chat").lastElementChild?.scrollIntoView({ block: "nearest" });
  }
  if (!on) act(name).focus();
  else if (name === "chat") part("write").elements.namedItem("text").focus();
  else act("close-people").focus();
  paint();
};

let isJoining = false;
const refuse = (refused) => {
  keep({ inside: false });
  if (refused === "elsewhere") keep({ ticket: "" });
  write(part("refused"), say(`refused_${refused}` in texts ? `refused_${refused}` : "refused_other"));
};
const join = async () => {
  if (isJoining || inside) return;
  isJoining = true;
  write(part("refused"), "");
  paint();
  try {
    const first = ["mic", "camera"].filter((name) => devices[name].state === "ask");
    for (const name of first) if (canAsk) await turnOn(name);
    // Who was refused a device reads why, and joins with another press.
    const failed = canAsk && first.find((name) => !["works", "off"].includes(devices[name].state));
    if (failed) return check(failed).querySelector("[data-on]").focus();
    if (!me) await enter();
    show();
  } catch ({ refused }) {
    refuse(refused);
  } finally {
    isJoining = false;
    paint();
  }
};
const show = () => {
  inside = true;
  keep({ inside });
  part("lobby").hidden = true;
  part("room").hidden = false;
  measure();
  part("room").querySelector("h1").focus();
  scrollTo(0, 0);
  tellState();
  meet();
  stayAwake();
  paint();
};
let lock;
const stayAwake = async () => {
  if (!inside || document.hidden) return;
  lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
};

// ---- What people press ----

const pressed = {
  join,
  mic: () => (devices.mic.track ? mute(!muted) : (mute(false), turnOn("mic").then(() => sayFailure("mic")))),
  camera: () => (devices.camera.track ? turnOff("camera") : turnOn("camera").then(() => sayFailure("camera"))),
  switch: () => switchCamera().then(() => sayFailure("camera")),
  screen: shareScreen,
  captions: () => {
    if (captions) stopCaptions();
    else askForCaptions("");
    paint();
  },
  "captions-yes": () => {
    part("captions-dialog").close();
    if (!captions) turnOnCaptions();
    paint();
  },
  "captions-ask": () => {
    part("captions-dialog").close();
    for (const link of links.values()) tell(link, { asks: "captions" });
    announce(say("captions_sent"));
  },
  "captions-no": () => part("captions-dialog").close(),
  chat: () => togglePanel("chat", part("chat-panel").hidden),
  people: () => togglePanel("people", part("people-panel").hidden),
  "close-chat": () => togglePanel("chat", false),
  "close-people": () => togglePanel("people", false),
  leave: () => confirmed("leave", {}, () => finish("left")),
  end: () => confirmed("end", {}, () => send({ path: "end", fields: () => ({}), done: () => finish("ended") })),
  admit: () => {
    const more = act("admit").getAttribute("aria-pressed") === "true";
    send({ path: "admit", fields: () => ({ more }), done: () => act("admit").setAttribute("aria-pressed", String(!more)) });
  },
  "leave-yes": () => {
    part("leave-dialog").close();
    asked();
  },
  stay: () => part("leave-dialog").close(),
  again: () => {
    if (act("again").textContent === say("join_again")) keep({ inside: true });
    location.reload();
  },
  hear: () => {
    act("hear").hidden = true;
    act("mic").focus();
    root.querySelectorAll("audio, .tile video").forEach((player) => player.srcObject && start(player));
  },
  play: playTone,
  heard: () => paintCheck("speaker", "works"),
  "not-heard": () => paintCheck("speaker", "unheard"),
  connection: () => (isIceOld() ? renewIce().then(checkConnection) : checkConnection()),
  copy: async () => {
    part("address").select();
    await (navigator.clipboard?.writeText(part("address").value) ?? Promise.reject()).then(
      () => write(part("copied"), say("copied")),
      () => write(part("copied"), say("not_copied")),
    );
  },
};
const sayFailure = (name) => {
  if (devices[name].state !== "works") announce(`${say(`state_${devices[name].state}`)}. ${help(name, devices[name].state)}`);
};
const wire = () => {
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.act) pressed[button.dataset.act]?.();
    const name = button?.closest("[data-check]")?.dataset.check;
    if (button?.hasAttribute("data-on")) turnOn(name);
    if (button?.hasAttribute("data-off")) turnOff(name);
  });
  root.addEventListener("change", ({ target }) => {
    const name = target.matches("[data-pick] select") && target.closest("[data-check]").dataset.check;
    if (name === "speaker") {
      speaker.id = target.value;
      useSpeaker();
    } else if (name) turnOn(name, target.value);
    if (target === part("keep")) send({ path: "keep-chat", fields: () => ({ agree: target.checked }) });
  });
  part("write").addEventListener("submit", (event) => {
    event.preventDefault();
    sendChat();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !root.querySelector("dialog[open]")) {
      for (const name of ["chat", "people"]) if (!part(`${name}-panel`).hidden) togglePanel(name, false);
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.name !== "text") return;
    event.preventDefault();
    sendChat();
  });
  addEventListener("pagehide", leave);
  // A page that was left and is shown again as it was has no place any more.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  addEventListener("offline", () => {
    if (me && !over) listenAgain();
    paint();
  });
  addEventListener("online", () => {
    if (!me || over) return;
    listen();
    for (const link of links.values()) if (link.pc && !isUp(link)) mend(link);
  });
  addEventListener("visibilitychange", () => {
    if (over || document.hidden) return;
    stayAwake();
    if (me && lostAt) listen();
  });
  navigator.mediaDevices?.addEventListener?.("devicechange", listDevices);
  // The app may show another page in the place of this one.
  new MutationObserver(() => root.isConnected || finish("left")).observe(document.body, { childList: true, subtree: true });
};
/** What was refused is known beforehand, and seen when it is given back. */
const watchPermission = async (name) => {
  const status = await navigator.permissions?.query({ name: name === "mic" ? "microphone" : "camera" }).catch(() => undefined);
  if (!status) return;
  const look = () => {
    const { state } = devices[name];
    if (status.state === "denied" && state === "ask") settle(name, "denied");
    if (status.state === "granted" && state === "denied") turnOn(name);
  };
  status.onchange = look;
  look();
};

/** Which browser to open instead, and how this page gets there. */
const showUnfit = () => {
  const why = !window.isSecureContext ? "insecure" : isInApp ? "inapp" : "old";
  const address = window.isSecureContext ? location.href : location.href.replace(/^http:/, "https:");
  const chrome = part("chrome");
  part("unfit").hidden = false;
  write(part("unfit-why"), `${say(`unfit_${why}`)} ${say(`open_${place}`)}`);
  part("address").value = address;
  chrome.hidden = place !== "android";
  chrome.href = `intent://${address.replace(/^https?:\/\//, "")}#Intent;scheme=https;package=com.android.chrome;end`;
};
const begin = async () => {
  part("plain").hidden = true;
  html.dataset.call = "lobby";
  if (!canCall || !canAsk || isInApp) showUnfit();
  wire();
  if (!canCall) return;
  setUp();
  // The visit is held elsewhere: here are the tests alone.
  const hasRoom = (has) => (part("join").hidden = check("connection").hidden = !has);
  if ("outside" in root.dataset) return hasRoom(false);
  // Before it opens there is nobody to join, and no way to be found.
  const opensIn = Number(root.dataset.opens ?? 0) * 1000;
  if (opensIn > 0) {
    hasRoom(false);
    // A timer does not count more days than that.
    if (opensIn > 86_400_000) return;
    await new Promise((open) => setTimeout(open, opensIn));
    document.getElementById("opens")?.remove();
    hasRoom(true);
  }
  // Whoever is in a visit is there: the portal does not ask them, and signs nobody out in the middle of it.
  setInterval(() => inside && !over && dispatchEvent(new Event("input")), 240_000);
  try {
    await enter();
    if (kept.inside) show();
    checkConnection();
  } catch ({ refused }) {
    refuse(refused);
    check("connection").dataset.way = "unknown";
    paintCheck("connection", "unknown");
  }
  paint();
};
const setUp = () => {
  part("checks").hidden = part("join").hidden = false;
  part("clinician").hidden = role !== "clinician";
  part("keep").hidden = role === "guest";
  act("screen").hidden = role !== "clinician" || !navigator.mediaDevices?.getDisplayMedia;
  for (const name of ["mic", "camera"]) {
    if (!canAsk) devices[name].state = "unfit";
    paintCheck(name);
    if (canAsk && kept[name] === "on") turnOn(name);
    watchPermission(name);
  }
  paintCheck("speaker", "untested");
  paintCheck("connection", "asking");
  showOwn();
  listDevices();
  paint();
};

// The app takes over the page as the server wrote it: nothing is changed before, and without the app not for long.
const isReady = () => html.hasAttribute("data-hydrated") || html.hasAttribute("data-plain");
const ready = new Promise((resolve) => {
  new MutationObserver(() => isReady() && resolve()).observe(html, { attributes: true });
  setTimeout(resolve, isReady() ? 0 : 10_000);
});
ready.then(begin);
