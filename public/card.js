// The field for a card is the payment processor's, in a frame of its own: this page never sees a number.
"use strict";
(() => {
  const place = document.querySelector(".card-entry");
  if (!place) return;
  const { script, key, card, bankQuestion, problem } = place.dataset;
  const says = place.querySelector(".problem");
  const button = place.querySelector("button");
  const fail = (words) => {
    says.textContent = words || problem;
    button.disabled = false;
  };
  const loaded = document.createElement("script");
  loaded.src = script;
  loaded.onerror = () => fail(problem);
  loaded.onload = () => {
    const processor = window.Stripe(key);
    if (bankQuestion) {
      button.disabled = false;
      button.addEventListener("click", async () => {
        button.disabled = true;
        const answer = await processor.confirmCardPayment(bankQuestion);
        if (answer.error) fail(problem);
        else window.location.reload();
      });
      return;
    }
    const field = processor.elements().create("card");
    field.mount(place.querySelector(".card-entry__field"));
    button.disabled = false;
    const form = place.closest("form");
    form.addEventListener("submit", async (event) => {
      const setup = form.elements.namedItem("setup_intent");
      if (setup.value) return;
      event.preventDefault();
      button.disabled = true;
      says.textContent = "";
      const answer = await processor.confirmCardSetup(card, { payment_method: { card: field } });
      if (answer.error) return fail(answer.error.message);
      setup.value = answer.setupIntent.id;
      form.submit();
    });
  };
  document.head.append(loaded);
})();
