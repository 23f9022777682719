// The page for when there is no network: in one language, with what was kept on this phone. Without this script it says the rest in both.
import { drop, kept } from "/phone.js";

const chosen = document.cookie.match(/(?:^|; )language=(\w+)/)?.[1];
const language = (chosen ?? navigator.language).startsWith("es") ? "es" : "en";
// By its own address it is opened to see what is kept, and not because something failed.
const failed = location.pathname !== "/offline" || !navigator.onLine;
const here = document.querySelector(`main > [lang=${language}]`);
const show = (when, shown) => here.querySelectorAll(`[data-when=${when}]`).forEach((part) => (part.hidden = !shown));
document.documentElement.lang = language;
document.querySelectorAll("body [lang]").forEach((part) => (part.hidden = part.lang !== language));
const product = document.title.split(" – ").pop();
document.title = `${failed ? here.dataset.title : here.dataset.titleKept} – ${product}`;
show("offline", failed);
show("kept", !failed);

// The server made what was kept without scripts; here, too, nothing but these elements and attributes gets through.
const ELEMENTS = "DIV SECTION P SPAN UL OL LI DL DT DD H2 H3 H4 H5 B STRONG I EM SMALL BR TIME TABLE CAPTION THEAD TBODY TR TH TD A".split(" ");
const ATTRIBUTES = ["class", "lang", "dir", "scope", "colspan", "rowspan", "datetime"];
const copy = (from, to) => {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    if (!(node instanceof HTMLElement) || !ELEMENTS.includes(node.tagName)) continue;
    // Its headings stand below the one of this page's own.
    const made = document.createElement(/^H[23]$/.test(node.tagName) ? "h4" : node.tagName);
    for (const name of ATTRIBUTES) if (node.hasAttribute(name)) made.setAttribute(name, node.getAttribute(name));
    // Of links, those that work without a network.
    if (/^tel:[+\d ()-]+$/.test(node.getAttribute("href"))) made.href = node.getAttribute("href");
    copy(node, made);
    to.append(made);
  }
};
const make = (name, className, ...parts) => {
  const made = document.createElement(name);
  made.className = className;
  made.append(...parts);
  return made;
};
const date = new Intl.DateTimeFormat(language === "es" ? "es-US" : "en-US", { dateStyle: "long", timeStyle: "short" });
const drawn = (item, list) => {
  const body = make("div", "stack");
  const when = new Date(item.saved);
  if (!Number.isNaN(when.getTime())) body.append(make("p", "meta", list.dataset.saved.replace("{when}", date.format(when))));
  const pictures = (item.images ?? []).filter((source) => /^data:image\/(png|jpeg|svg\+xml)[;,]/.test(source));
  pictures.forEach((source, index) => {
    const image = make("img", "kept__image");
    image.src = source;
    image.alt = pictures.length > 1 ? `${item.title} (${index + 1}/${pictures.length})` : item.title;
    body.append(image);
  });
  const content = make("div", "prose");
  copy(new DOMParser().parseFromString(item.html ?? "", "text/html").body, content);
  const remove = make("button", "btn quiet", list.dataset.remove);
  remove.type = "button";
  // One button of several says what it removes.
  remove.append(make("span", "visually-hidden", `: ${item.title}`));
  body.append(content, remove);
  const sheet = make("details", "sheet kept", make("summary", "", make("h3", "", item.title)), body);
  remove.addEventListener("click", async () => {
    await drop(item.id);
    here.querySelector("[role=status]").textContent = here.querySelector("[role=status]").dataset.removed;
    await draw();
    here.querySelector("h1").tabIndex = -1;
    here.querySelector("h1").focus();
  });
  return sheet;
};
let items = [];
const draw = async () => {
  items = await kept().catch((error) => (console.error(error), []));
  const list = here.querySelector("[data-list]");
  list.replaceChildren(...items.map((item) => drawn(item, list)));
  if (items.length === 1) list.querySelector("details").open = true;
  show("list", items.length > 0);
  show("nothing", !items.length && !failed);
  show("offline", failed);
};
addEventListener("online", () => {
  const status = here.querySelector("[role=status]");
  status.className = "notice";
  status.textContent = status.dataset.back;
  // Nobody reads anything here that a new page would take away.
  if (failed && !items.length) location.reload();
});
// Signed out in another tab: gone from here too.
addEventListener("storage", ({ key }) => key === "owner" && draw());
await draw();
