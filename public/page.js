// What a page does before the app runs, and when it cannot run.

// Tabs of one browser know of each other's sessions: one that was opened in a session that has ended, or has become somebody
// else's, asks for its page anew. So does one that the browser kept when somebody left it.
const mine = document.querySelector("meta[name=session]").content;
try {
  if (localStorage.getItem("session") !== mine) localStorage.setItem("session", mine);
} catch {}
addEventListener("storage", (event) => {
  if (mine && event.key === "session" && event.newValue !== mine) location.reload();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// The app cannot go on with a page that something else has changed, such as a translator. From then on it hears of nothing, and
// links and forms are the browser's, as without JavaScript.
let plain = false;
export const fallBack = (error) => {
  console.error(error);
  if (plain) return;
  plain = true;
  for (const kind of ["click", "submit", "input", "keydown"]) {
    addEventListener(kind, (event) => event.stopImmediatePropagation(), true);
  }
  addEventListener("popstate", () => location.reload());
  document.documentElement.removeAttribute("data-hydrated");
};
const isFatal = (error) => error instanceof WebAssembly.RuntimeError;
addEventListener("error", (event) => {
  if (isFatal(event.error)) fallBack(event.error);
});
addEventListener("unhandledrejection", (event) => {
  if (isFatal(event.reason)) fallBack(event.reason);
});
