import type { Browser, Page } from "@playwright/test";
import { expect, expectNoViolations, expectToFit, hydrated, signIn, test } from "./portal";

test("a mother writes about her child, the pediatrician answers, and the note between the staff stays there", async ({ page, browser }) => {
  const subject = `A cough ${Date.now()}`;
  await signIn(page, "maria", "/people");
  await page.getByRole("main").getByRole("link", { name: /Emma Rivera/ }).click();
  await page.getByRole("navigation", { name: "Parts of this chart" }).getByRole("link", { name: "Messages" }).click();
  await page.getByRole("link", { name: "Write a message" }).click();
  await expect(page.getByRole("heading", { name: "Write a message", level: 1 })).toBeVisible();
  await page.getByLabel("What is it about?").selectOption("question");
  await page.getByLabel("To", { exact: true }).selectOption({ index: 1 });
  await page.getByLabel("Subject").fill(subject);
  await page.getByLabel("Your message").fill("Emma can’t breathe well at night since Monday.");
  await page.getByRole("button", { name: "Send" }).click();

  // Words of danger are pointed out once, and nothing of what was typed is lost.
  await expect(page.getByText("Call 911 now", { exact: false })).toBeVisible();
  await expect(page.getByLabel("Subject")).toHaveValue(subject);
  await page.getByLabel("Your message").fill("Emma coughs at night since Monday.\nShould she stay at home?");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("Your message was sent.")).toBeVisible();
  await expect(page.getByText("Maria Rivera for Emma")).toBeVisible();
  await expect(page.getByText(/Answer by [A-Z][a-z]+ \d+/)).toBeVisible();

  // Whoever has the conversation open reads the answer as it comes: she goes back to the list.
  await page.getByRole("link", { name: "Messages" }).last().click();
  await expect(page.getByRole("heading", { name: "Conversations" })).toBeVisible();
  const office = await browser.newContext({ javaScriptEnabled: true });
  const hale = await office.newPage();
  await signIn(hale, "hale", "/staff/messages?shelf=mine");
  await hale.getByRole("link", { name: `Open: Emma Rivera: ${subject}` }).click();
  await expect(hale.getByText("Should she stay at home?")).toBeVisible();
  await hale.getByLabel("Note for the staff").fill("Third cough this winter.");
  await hale.getByRole("button", { name: "Add the note" }).click();
  await expect(hale.getByText("The note was added.")).toBeVisible();
  await hale.getByLabel("Answer to the patient").fill("Until the fever is gone.");
  await hale.getByRole("button", { name: "Send" }).click();
  await expect(hale.getByText("The answer was sent.")).toBeVisible();
  await office.close();

  // Without scripts the list does not renew itself.
  await page.reload();
  const thread = page.getByRole("article").filter({ hasText: subject });
  await expect(thread).toContainText("New answer");
  await thread.getByRole("link").click();
  await expect(page.getByText("Until the fever is gone.")).toBeVisible();
  await expect(page.getByText("Opened by Dr. Susan Hale (clinician)", { exact: false })).toBeVisible();
  await expect(page.getByText("Third cough")).toHaveCount(0);
});

/** Whom a message is about, and who answers it. */
const EMMA = { name: "Emma Rivera", doctor: "hale" };
const MARIA = { name: "Maria Rivera", doctor: "torres" };

/** A form of her own, filled in. Nobody has two of them about one person: files wait with the draft, of which each person has one. */
async function write(page: Page, subject: string, text: string, about = EMMA) {
  await signIn(page, "maria", "/people");
  await page.getByRole("main").getByRole("link", { name: new RegExp(about.name) }).click();
  await page.getByRole("navigation", { name: "Parts of this chart" }).getByRole("link", { name: /^Messages/ }).click();
  await page.getByRole("link", { name: "Write a message" }).click();
  await page.getByLabel("What is it about?").selectOption("question");
  await page.getByLabel("To", { exact: true }).selectOption({ index: 1 });
  await page.getByLabel("Subject").fill(subject);
  await page.getByLabel("Your message").fill(text);
}

async function answer(browser: Browser, subject: string, act: (hale: Page) => Promise<void>, about = EMMA) {
  const office = await browser.newContext();
  const hale = await office.newPage();
  await signIn(hale, about.doctor, `/staff/messages?shelf=all&q=${encodeURIComponent(subject)}`);
  await hale.getByRole("link", { name: `Open: ${about.name}: ${subject}` }).click();
  await act(hale);
  await office.close();
}

test("an answer appears on the open page, while what was typed there stays", async ({ page, browser, javaScriptEnabled }) => {
  const subject = `A fever ${Date.now()}`;
  await write(page, subject, "Emma has 38.4 since this morning.");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("Your message was sent.")).toBeVisible();
  await page.getByLabel("Your message").fill("And one thing more");
  await answer(browser, subject, async (hale) => {
    await hale.getByLabel("Answer to the patient").fill("Give her plenty to drink.");
    await hale.getByRole("button", { name: "Send" }).click();
    await expect(hale.getByText("The answer was sent.")).toBeVisible();
  });
  if (javaScriptEnabled === false) {
    // Without scripts the page says when it was made, and how to see it anew.
    await expect(page.getByText(/^As of /)).toBeVisible();
    await expect(page.getByText("Give her plenty to drink.")).toHaveCount(0);
    await page.getByRole("link", { name: "Look again" }).click();
  }
  await expect(page.getByText("Give her plenty to drink.")).toBeVisible();
  await expect(page.getByText("Answered", { exact: true })).toBeVisible();
  if (javaScriptEnabled !== false) {
    await expect(page.getByLabel("Your message")).toHaveValue("And one thing more");
    await expect(page.getByText(/^As of /)).toBeHidden();
  }
});

test("pictures and papers go with a message; what is not taken says why, and nothing typed is lost", async ({ page, browser }) => {
  const subject = `A letter ${Date.now()}`;
  await write(page, subject, "Here is the letter of the school.", MARIA);
  const pdf = { name: "School.PDF", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 a letter") };
  const program = { name: "setup.pdf", mimeType: "application/pdf", buffer: Buffer.from([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0xff]) };
  await page.getByLabel("Add pictures or papers").setInputFiles([pdf, program]);
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("Not every file was added", { exact: false }).first()).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "setup.pdf" })).toContainText("only pictures");
  await expect(page.getByLabel("Your message")).toHaveValue("Here is the letter of the school.");
  await expect(page.getByRole("button", { name: "Remove School.pdf" })).toBeVisible();
  const photo = await page.screenshot();
  await page.getByLabel("Add pictures or papers").setInputFiles({ name: "photo.png", mimeType: "image/png", buffer: photo });
  await page.getByRole("button", { name: "Send" }).click();
  // The picture is decoded and encoded anew, one at a time for all tests that send some.
  await expect(page.getByText("Your message was sent.")).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("img", { name: "Picture: photo.jpg" })).toBeVisible();
  await expect(page.getByText("setup.pdf")).toHaveCount(0);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: /^School\.pdf/ }).click();
  expect((await download).suggestedFilename()).toBe("School.pdf");
  await answer(browser, subject, async (hale) => {
    await expect(hale.getByRole("link", { name: /^School\.pdf/ })).toBeVisible();
    await expect(hale.getByText("Penicillin", { exact: false })).toBeVisible();
  }, MARIA);
});

test("a visit by message says its price before anything is owed", async ({ page, browser }) => {
  const subject = `A long question ${Date.now()}`;
  await write(page, subject, "May I ask you about everything that happened this year?");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("Your message was sent.")).toBeVisible();
  const thread = page.url();
  await answer(browser, subject, async (hale) => {
    await hale.getByLabel("Price in dollars").fill("40");
    await hale.getByLabel("Why it is more than a short answer", { exact: false }).fill("Your whole year needs a careful look.");
    await hale.getByRole("button", { name: "Offer a visit by message" }).click();
    await expect(hale.getByText("The patient was asked.")).toBeVisible();
  });
  await page.goto(thread);
  await page.getByRole("link", { name: "See the price and choose" }).click();
  await expect(page.getByText("Declining costs nothing", { exact: false })).toBeVisible();
  await expect(page.getByText("$40.00").first()).toBeVisible();
  await expectToFit(page);
  await page.getByRole("button", { name: "Decline. I pay nothing" }).click();
  await expect(page.getByText("Your choice was sent to the office.")).toBeVisible();
  await expect(page.getByText("Declined. Nothing is owed.")).toBeVisible();
});

test("the office answers with a kept reply, needs no answer, and writes first", async ({ page, browser }) => {
  const subject = `Thanks ${Date.now()}`;
  await write(page, subject, "Thank you for yesterday!");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("Your message was sent.")).toBeVisible();
  const thread = page.url();
  await answer(browser, subject, async (hale) => {
    await hale.getByLabel("A reply that was kept").selectOption({ label: "Fever in a child" });
    await hale.getByRole("button", { name: "Put it into the answer" }).click();
    await expect(hale.getByLabel("Answer to the patient")).toHaveValue(/plenty to drink/);
    await hale.getByText("No answer needed", { exact: true }).first().click();
    await hale.getByLabel("A last word to the patient").fill("You are welcome.");
    await hale.getByRole("button", { name: "No answer needed" }).click();
    await expect(hale.getByText("It is marked as needing no answer.")).toBeVisible();
    await hale.goto("/staff/messages");
    await hale.getByRole("link", { name: "Write to a patient" }).click();
    await hale.getByLabel("Name, birth date or record number").fill("Emma Rivera");
    await hale.getByRole("button", { name: "Find" }).click();
    await hale.getByRole("link", { name: "Write to Emma Rivera" }).click();
    await hale.getByLabel("Subject").fill(`First ${subject}`);
    await hale.getByLabel("Message to the patient").fill("The vaccine is due in spring.");
    await hale.getByRole("button", { name: "Send" }).click();
    await expect(hale.getByText("Your message was sent. The patient can answer here.")).toBeVisible();
  });
  await page.goto(thread.replace(/\?.*/, ""));
  await expect(page.getByText("You are welcome.")).toBeVisible();
  await expect(page.getByText("No answer needed")).toBeVisible();
  await page.goto(thread.replace(/\/messages.*/, `/messages?q=${encodeURIComponent(`First ${subject}`)}`));
  await expect(page.getByRole("article").filter({ hasText: `First ${subject}` })).toContainText("New answer");
});

test("the menu finds places by the words people use", async ({ page, javaScriptEnabled }) => {
  await signIn(page, "maria");
  const menu = page.getByRole("navigation", { name: "Main menu" });
  await menu.getByRole("link", { name: "Menu" }).click();
  await page.getByLabel("What are you looking for?").fill("shot record");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("link", { name: /^Immunizations/ }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: /^Account/ }).and(page.getByRole("main").getByRole("link"))).toHaveCount(0);
  if (javaScriptEnabled !== false) await hydrated(page);
  await expectToFit(page);
  if (javaScriptEnabled !== false) await expectNoViolations(page);
  await page.getByRole("link", { name: /^Immunizations/ }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Immunizations");
});

test("messages are accessible and fit, for patient and staff", async ({ page, javaScriptEnabled }) => {
  await signIn(page, "maria");
  await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).click();
  const chart = page.url().replace(/\/visits.*/, "");
  const thread = async (list: string) => {
    await page.goto(list);
    return (await page.getByRole("article").first().getByRole("link").getAttribute("href"))!;
  };
  const offered = await thread(`${chart}/messages?q=dizzy`);
  const pages = [`${chart}/messages`, `${chart}/messages/new`, offered, `${offered}/e-visit`, "/menu"];
  const look = async (addresses: string[]) => {
    for (const address of addresses) {
      await page.goto(address);
      if (javaScriptEnabled !== false) await hydrated(page);
      await expect(page.locator("h1")).toHaveCount(1);
      if (javaScriptEnabled !== false) await expectNoViolations(page);
      await expectToFit(page);
    }
  };
  await look(pages);
  await page.context().clearCookies();
  await signIn(page, "nora", "/staff/messages");
  await look(["/staff/messages?shelf=all", await thread("/staff/messages?shelf=all"), "/staff/office", "/staff/messages/new?q=emma"]);
});
