// Questions that depend on answers are shown and hidden as somebody answers; FHIR R4, Questionnaire.item.enableWhen.
const isSo = ({ operator, value }, values) => {
  if (operator === "exists") return (values.length > 0) === (value === "true");
  const order = (other) => (isNaN(other) || isNaN(value) ? (other > value) - (other < value) : Math.sign(other - value));
  const orders = values.map(order);
  if (operator === "!=") return !orders.includes(0);
  const wanted = { "=": [0], ">": [1], "<": [-1], ">=": [0, 1], "<=": [0, -1] }[operator];
  return orders.some((one) => wanted.includes(one));
};
// A total is there when every question that counts is answered; FHIR R4 SDC, calculated expressions. In thousandths.
const isAsked = (key) => {
  const question = document.getElementById(`q-${key}`);
  return question && !question.closest("[hidden]");
};
const counts = ({ keys, scores, unasked, fixed }, answers) => {
  if (fixed !== undefined) return fixed;
  const asked = keys.filter(isAsked);
  if (!asked.length) return unasked;
  const given = asked.flatMap((key) => answers[key] ?? []).map((value) => scores[value]);
  return given.length && given.every(Number.isFinite) ? given.reduce((sum, one) => sum + one) : null;
};
const addUp = (totals, answers) => {
  for (const { key, terms } of totals) {
    const question = document.getElementById(`q-${key}`);
    const values = terms.map((term) => counts(term, answers));
    const total = !values.includes(null) && !question?.closest("[hidden]") ? String(values.reduce((sum, one) => sum + one) / 1000) : undefined;
    if (total !== undefined) answers[key] = [total];
    const place = question?.querySelector("[data-total]");
    const words = total ?? place?.dataset.total;
    if (place && place.textContent !== words) place.textContent = words;
  }
};
const showQuestions = () => {
  const mark = document.querySelector("[data-shows]");
  if (!mark) return;
  const { form } = mark;
  mark.value = mark.dataset.shows;
  const totals = JSON.parse(mark.dataset.totals ?? "[]");
  const questions = [...form.querySelectorAll("[data-when], [data-needs]")];
  // A condition may wait for another one.
  for (let changed = true, round = 0; changed && round < 20; round += 1) {
    changed = false;
    const answers = {};
    for (const field of form.elements) {
      const [, key, box] = /^a\[([\dir_]+?)(?:_o(\d+))?\]$/.exec(field.name) ?? [];
      if (!key || field.closest("[hidden]")) continue;
      const given = /^(checkbox|radio)$/.test(field.type) ? field.checked : field.value.trim();
      if (given) (answers[key] ??= []).push(box ?? field.value.trim());
    }
    addUp(totals, answers);
    for (const question of questions) {
      const { when, any, needs } = question.dataset;
      const met = JSON.parse(when ?? "[]").map((one) => isSo(one, [...one.given, ...one.keys.flatMap((key) => answers[key] ?? [])]));
      const hidden = !((!needs || answers[needs]) && (any === undefined ? met.every(Boolean) : met.some(Boolean)));
      if (question.hidden === hidden) continue;
      question.hidden = hidden;
      changed = true;
    }
  }
  // What may mean that somebody wants to harm themselves shows at once who helps, where they are looking.
  const alarming = [...form.querySelectorAll("[data-alerts]:not([hidden])")].find((question) => {
    const fields = [...question.querySelectorAll(":scope > .field :is(input, select)")];
    const chosen = fields.filter(({ type, checked }) => checked || type === "select-one");
    return chosen.some(({ name, value }) => question.dataset.alerts.split(" ").includes(/_o(\d+)\]$/.exec(name)?.[1] ?? value));
  });
  const help = document.getElementById("help-now");
  if (!alarming || !help?.hidden) return;
  alarming.append(help);
  help.hidden = false;
};
addEventListener("input", showQuestions);
showQuestions();
new MutationObserver(showQuestions).observe(document.body, { childList: true, subtree: true });
