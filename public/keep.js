// Forms that are kept while somebody types, and forms that take files.

// What is typed into a form that can be kept is kept soon after the last letter, and when somebody leaves the page.
const waiting = new Map();
const say = (form, name) => {
  const status = form.querySelector("[data-kept]");
  if (status) status.textContent = status.dataset[name];
};
// One after the other: what was typed first does not come last.
const busy = new Map();
const keep = async (form) => {
  clearTimeout(waiting.get(form));
  if (!waiting.delete(form)) return;
  const before = busy.get(form);
  const done = document.hidden ? send(form) : Promise.resolve(before).then(() => send(form));
  busy.set(form, done);
  await done;
};
const send = async (form) => {
  try {
    const body = new FormData(form);
    // Files go when somebody says so.
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    const headers = { accept: "application/json" };
    // What goes on when the page is gone may not be large.
    const post = (keepalive) => fetch(form.dataset.keep, { method: "POST", body, headers, keepalive });
    const answer = await post(document.hidden).catch(() => post(false));
    say(form, answer.ok ? "kept" : "notKept");
  } catch {
    say(form, "notKept");
  }
};
addEventListener("input", ({ target }) => {
  const form = target.form?.matches("[data-keep]") && target.form;
  if (!form) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(keep, 5000, form));
});
addEventListener("submit", ({ target }) => {
  clearTimeout(waiting.get(target));
  waiting.delete(target);
});
addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") waiting.forEach((_, form) => keep(form));
});

// Files that would be refused are said before they are on their way for nothing.
addEventListener("change", ({ target }) => {
  if (!target.matches("[data-most]")) return;
  const { most, mostBytes, tooMany, tooLarge } = target.dataset;
  const files = [...target.files];
  const large = files.find(({ size }) => size > mostBytes);
  target.setCustomValidity(files.length > most ? tooMany : large ? `${large.name}: ${tooLarge}` : "");
  target.reportValidity();
});
// What is on its way is not sent again, and says what it waits for.
addEventListener("submit", (event) => {
  const { target, submitter } = event;
  const files = target.querySelector("[data-most]");
  if (!files) return;
  if (target.dataset.sent) return event.preventDefault();
  target.dataset.sent = "1";
  // Whoever stopped it may send again.
  setTimeout(() => delete target.dataset.sent, 10_000);
  const status = target.querySelector("[data-sending]");
  if (status && files.files.length) status.textContent = status.dataset.sending;
  submitter?.setAttribute("aria-busy", "true");
});
