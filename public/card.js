// Cards and bank accounts are typed into what the payment processor's script brings, in a frame of its own: this page never sees a number.
"use strict";
(() => {
  const place = document.querySelector(".card-entry");
  if (!place) return;
  const { script, key, card, bank, bankQuestion, problem, stopped } = place.dataset;
  const says = place.querySelector(".problem");
  const button = place.querySelector("button");
  const form = place.closest("form");
  const fail = (words) => {
    says.textContent = words || problem;
    button.disabled = false;
  };

  let processor;
  let field;
  const answerBank = async () => {
    button.disabled = true;
    const answer = await processor.confirmCardPayment(bankQuestion);
    if (answer.error) fail(problem);
    else window.location.reload();
  };
  const takeCard = async (event) => {
    const setup = form.elements.namedItem("setup_intent");
    if (event.target !== form || setup.value) return;
    event.preventDefault();
    if (!field) return;
    button.disabled = true;
    says.textContent = "";
    const answer = await processor.confirmCardSetup(card, { payment_method: { card: field } });
    if (answer.error) return fail(answer.error.message);
    setup.value = answer.setupIntent.id;
    form.submit();
  };
  // Somebody chooses an account in the processor's window, and agrees to its being debited with the button of this form.
  const takeBank = async (event) => {
    const setup = form.elements.namedItem("setup_intent");
    if (event.target !== form || setup.value) return;
    event.preventDefault();
    if (!processor) return;
    button.disabled = true;
    says.textContent = "";
    const typed = (name) => form.elements.namedItem(name).value.trim();
    const details = { name: typed("account_holder"), email: typed("account_email") || undefined };
    const collected = await processor.collectBankAccountForSetup({
      clientSecret: bank,
      params: { payment_method_type: "us_bank_account", payment_method_data: { billing_details: details } },
    });
    if (collected.error) return fail(collected.error.message);
    if (collected.setupIntent.status === "requires_payment_method") return fail(stopped);
    const answer = await processor.confirmUsBankAccountSetup(bank);
    if (answer.error) return fail(answer.error.message);
    if (answer.setupIntent.status === "requires_payment_method") return fail();
    setup.value = answer.setupIntent.id;
    form.submit();
  };
  // Before anything else hears of it: the form goes nowhere without what it is for, whatever becomes of the app.
  if (form) window.addEventListener("submit", bank ? takeBank : takeCard, true);
  else button.addEventListener("click", answerBank);

  const begin = () => {
    const loaded = document.createElement("script");
    loaded.src = script;
    loaded.onerror = () => {
      says.textContent = problem;
    };
    loaded.onload = () => {
      processor = window.Stripe(key);
      if (card) {
        field = processor.elements().create("card");
        field.mount(place.querySelector(".card-entry__field"));
      }
      button.disabled = false;
    };
    document.head.append(loaded);
  };

  // The app takes over the page as the server wrote it: nothing is changed before, and without the app not for long.
  const root = document.documentElement;
  const isReady = () => root.hasAttribute("data-hydrated") || root.hasAttribute("data-plain");
  let watch;
  const start = () => {
    watch.disconnect();
    clearTimeout(patience);
    begin();
  };
  const patience = setTimeout(() => start(), 10000);
  watch = new MutationObserver(() => isReady() && start());
  watch.observe(root, { attributes: true });
  if (isReady()) start();
})();
