import type { Browser, Page } from "@playwright/test";
import { expect, newestLetter, oneTimeCode, signIn, signInAtDesk, test } from "./portal";

test.describe.configure({ mode: "serial", lock: "household" });

const PASSWORD = "plum river toast";
const NEW_PASSWORD = "seven quiet lamps";

let code = "";
let born = "";
let zip = "";

/** Somebody else's browser, of the same kind. */
async function another(browser: Browser) {
  return (await browser.newContext(test.info().project.use)).newPage();
}

async function signInAs(page: Page, username: string, password: string) {
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

test("the front desk finds Harold and prints a code; an older one by e-mail is void then", async ({ page, browser }) => {
  await signIn(page, "priya", "/staff/patients?query=harold");
  await page.getByRole("link", { name: /Open Harold/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: /Harold/ })).toBeVisible();
  const about = await page.locator("dl").first().innerText();
  const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
  const [, month, day, year] = about.match(/([A-Z][a-z]+) (\d+), (\d{4})/)!;
  born = `${year}-${String(months.indexOf(month) + 1).padStart(2, "0")}-${day.padStart(2, "0")}`;
  zip = about.match(/\b(\d{5})\b/)![1];

  const harold = await another(browser);
  await harold.goto("/sign-in");
  await harold.getByRole("link", { name: "Sign up now" }).click();
  await harold.getByRole("link", { name: "Sign up online" }).click();
  const family = (await page.getByRole("heading", { level: 1 }).innerText()).split(" ").pop()!;
  await harold.getByLabel("First name").fill("harold");
  await harold.getByLabel("Last name").fill(family);
  await harold.getByLabel("Date of birth").fill(born);
  await harold.getByLabel("ZIP code").fill(zip);
  await harold.getByLabel("Email address").fill("harold@example.org");
  await harold.getByRole("button", { name: "Ask for a code" }).click();
  await expect(harold.getByRole("heading", { name: "We have your request" })).toBeVisible();

  const form = page.locator("form").filter({ has: page.getByRole("button", { name: "Make a code to print" }) });
  await form.getByRole("button").click();
  await expect(page.getByRole("alert")).toContainText("Please confirm this");
  await form.getByLabel("I have seen a photo ID").check();
  await form.getByLabel("The patient told me name and date of birth").check();
  await form.getByRole("button").click();
  await expect(page.getByRole("heading", { name: "Your way to MyChart" })).toBeVisible();
  code = await page.locator(".code b").innerText();
  expect(code).toMatch(/^[2-9A-Z]{5}-[2-9A-Z]{5}$/);
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
});

test("a printed code becomes an account", async ({ page }) => {
  await page.goto("/sign-up");
  await page.getByLabel("Activation code").fill("ABCDE-23456");
  await page.getByLabel("Date of birth").fill(born);
  await page.getByLabel("ZIP code").fill(zip);
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByRole("alert")).toContainText("We do not know this code");
  await expect(page.getByLabel("ZIP code")).toHaveValue(zip);
  await expect(page.getByLabel("Date of birth")).toHaveValue(born);
  await page.getByLabel("Activation code").fill(code.toLowerCase().replace("-", " "));
  await page.getByRole("button", { name: "Next" }).click();

  await expect(page.getByRole("heading", { name: "Create your ID" })).toBeVisible();
  await page.getByLabel("User name").fill("maria");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("The same password once more").fill(PASSWORD);
  await page.getByLabel("Security question").selectOption({ label: "What was the name of your first pet?" });
  await page.getByLabel("Your answer").fill("Rex");
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByRole("alert")).toContainText("This user name is taken");
  await page.getByLabel("User name").fill("harold.w");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("The same password once more").fill(PASSWORD);
  await page.getByLabel("Your answer").fill("Rex");
  await page.getByRole("button", { name: "Next" }).click();

  await expect(page.getByRole("heading", { name: "How we reach you" })).toBeVisible();
  await page.reload();
  await page.getByRole("link", { name: "User name and password" }).click();
  await expect(page.getByLabel("User name")).toHaveValue("harold.w");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("Email address").fill("harold@example.org");
  await page.getByRole("main").getByRole("button", { name: "Create my account" }).click();
  await expect(page.getByRole("heading", { name: "Hello, Harold" })).toBeVisible();

  const welcome = await newestLetter(page, "harold@example.org");
  await expect(welcome).toContainText("Confirm that MyChart may write to you here");
  await welcome.getByRole("link", { name: "Follow the link" }).click();
  await page.getByRole("button", { name: "Yes, this is my address" }).click();
  await expect(page.getByRole("heading", { name: "Thank you, your address is confirmed" })).toBeVisible();
});

test("a forgotten user name and password come back by e-mail", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgot user name or password?" }).click();
  await page.getByLabel("Both").check();
  await page.getByLabel("Email address").fill("harold@example.org");
  await page.getByLabel("Date of birth").fill(born);
  await page.getByRole("button", { name: "Send it to me" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mail" })).toBeVisible();
  const letter = await newestLetter(page, "harold@example.org");
  await expect(letter).toContainText("Your user name is harold.w");
  await letter.getByRole("link", { name: "Follow the link" }).click();
  const link = page.url();
  await page.getByLabel("What was the name of your first pet?").fill("rex");
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByLabel("The same password once more").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Save my new password" }).click();
  await expect(page.getByText("Your new password is saved")).toBeVisible();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "This link is no longer good" })).toBeVisible();
  await signInAs(page, "harold.w", NEW_PASSWORD);
  await expect(page.getByRole("heading", { name: "Hello, Harold" })).toBeVisible();
});

test("an authenticator app as the second step, and a recovery code when the phone is gone", async ({ page, browser }) => {
  await signInAs(page, "harold.w", NEW_PASSWORD);
  await page.goto("/account/second-step/app");
  const secret = await page.locator(".code b").innerText();
  // Each code is good once: signing in takes the next one, which is good already, and stays so when the half minute ends meanwhile.
  await page.getByLabel("Code", { exact: true }).fill(oneTimeCode(secret));
  await page.getByLabel("Your password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Switch it on" }).click();
  await expect(page.getByRole("heading", { name: "Recovery codes", level: 1 })).toBeVisible();
  const recovery = (await page.locator(".code b").innerText()).split("\n");
  expect(recovery).toHaveLength(10);

  const phone = await another(browser);
  await signInAs(phone, "harold.w", NEW_PASSWORD);
  await expect(phone.getByRole("heading", { name: "One more step" })).toBeVisible();
  await phone.getByLabel("Code", { exact: true }).fill("000000");
  await phone.getByRole("button", { name: "Go on" }).click();
  await expect(phone.getByRole("alert")).toContainText("This code is not right");
  await phone.getByLabel("Code", { exact: true }).fill(oneTimeCode(secret, Date.now() + 30_000));
  await phone.getByRole("button", { name: "Go on" }).click();
  await expect(phone.getByRole("heading", { name: "Hello, Harold" })).toBeVisible();

  const other = await another(browser);
  await signInAs(other, "harold.w", NEW_PASSWORD);
  await other.getByLabel("Code", { exact: true }).fill(recovery[0]);
  await other.getByRole("button", { name: "Go on" }).click();
  await expect(other.getByRole("heading", { name: "Hello, Harold" })).toBeVisible();

  await page.goto("/account/devices");
  await expect(page.getByText("This device")).toBeVisible();
  await page.getByRole("button", { name: "Sign out there" }).first().click();
  await page.goto("/account/second-step");
  await page.getByText("Switch the app off").first().click();
  await page.getByLabel("Your password").first().fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Switch the app off" }).click();
  await expect(page.getByRole("link", { name: "Set up an app" })).toBeVisible();
});

test("Harold invites Tanya, sees what she will see, and ends it again", async ({ page, browser }) => {
  await signInAs(page, "harold.w", NEW_PASSWORD);
  await page.goto("/sharing");
  await page.getByRole("link", { name: "Invite somebody" }).click();
  await page.getByLabel("Their name").fill("Tanya Cole");
  await page.getByLabel("Their email address").fill("tanya@example.org");
  await page.getByLabel("Who are they to you?").selectOption({ label: "Caregiver" });
  await page.getByLabel(/Sees when and where visits are(?!, and bills)/).check();
  await page.getByRole("button", { name: "See what they will see" }).click();
  await expect(page.getByRole("heading", { name: "What Tanya Cole will see" })).toBeVisible();
  await expect(page.getByText(/^0 visit notes, while \d+ stay hidden/)).toBeVisible();
  await page.getByRole("button", { name: "Send the invitation to Tanya Cole" }).click();
  await expect(page.getByText("The invitation is on its way")).toBeVisible();

  const tanya = await another(browser);
  await signInAtDesk(tanya, "Tanya Cole");
  const letter = await newestLetter(tanya, "tanya@example.org");
  await letter.getByRole("link", { name: "Follow the link" }).click();
  await expect(tanya.getByRole("heading", { name: "Harold invites you" })).toBeVisible();
  await tanya.getByLabel("Date of birth").fill("1950-01-01");
  await tanya.getByLabel("I accept this").check();
  await tanya.getByRole("button", { name: "Accept the invitation" }).click();
  await expect(tanya.getByRole("alert")).toContainText("This is not the birth date in the record");
  await tanya.getByLabel("Date of birth").fill(born);
  await tanya.getByRole("button", { name: "Accept the invitation" }).click();
  await expect(tanya.getByText("You are viewing Harold’s chart as a caregiver")).toBeVisible();
  await expect(tanya.getByRole("link", { name: "View notes" })).toHaveCount(0);

  await page.reload();
  await page.getByText("End this access", { exact: true }).first().click();
  await page.getByRole("button", { name: "End Tanya Cole’s access" }).click();
  await expect(page.getByText("The access has ended.")).toBeVisible();
  await tanya.reload();
  await expect(tanya.getByRole("heading", { name: "This chart is no longer open to you" })).toBeVisible();
  const own = (await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Visits" }).getAttribute("href"))!;
  await page.goto(own.replace("/visits", "/access-log"));
  await expect(page.getByText("Tanya Cole (shared with): looked at the visits").first()).toBeVisible();
});

test("a parent asks for a child; the front desk declines with a reason", async ({ page, browser }) => {
  await signInAtDesk(page, "Tanya Cole", "/sharing/child");
  await page.getByLabel("The child’s first name").fill("Emma");
  await page.getByLabel("The child’s last name").fill("Nobody");
  await page.getByLabel("The child’s date of birth").fill("2019-03-04");
  await page.getByLabel("Parent", { exact: true }).check();
  await page.getByLabel(/I have the right/).check();
  await page.getByRole("button", { name: "Ask for access" }).click();
  await expect(page.getByRole("heading", { name: "We have it" })).toBeVisible();
  const priya = await another(browser);
  await signIn(priya, "priya", "/staff/queue?kind=child_access");
  await priya.getByRole("link", { name: /Open C-/ }).first().click();
  await expect(priya.getByText("Nobody in the records fits.")).toBeVisible();
  await priya.getByLabel("Reason").fill("We have no such child. Please bring the birth certificate.");
  await priya.getByRole("button", { name: "Decline" }).click();
  await expect(priya.getByText("It is decided, and the person is told.")).toBeVisible();
  await page.goto("/requests");
  await expect(page.getByText("Please bring the birth certificate").first()).toBeVisible();
});

test("help is asked by nobody in particular and answered by support", async ({ page, browser }) => {
  await page.goto("/help");
  await page.getByRole("link", { name: "Ask for help online" }).click();
  await page.getByLabel("Your name").fill("Ana Cruz");
  await page.getByLabel("Email address").fill("ana@example.org");
  await page.getByLabel("What is it about?").selectOption("page");
  await page.getByLabel("What happened?").fill("The page stays white.");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByRole("heading", { name: "We have your request" })).toBeVisible();
  const number = await page.locator(".code b").innerText();
  await expect(page.getByText(/We will answer by [A-Z][a-z]+day, /)).toBeVisible();
  const marcus = await another(browser);
  await signIn(marcus, "marcus", "/staff/queue");
  await marcus.getByRole("link", { name: `Open ${number}` }).click();
  await marcus.getByLabel("Answer").fill("Please reload the page once.");
  await marcus.getByRole("button", { name: "Send the answer" }).click();
  await expect(marcus.getByText("The answer is on its way.")).toBeVisible();
  await expect(await newestLetter(page, "ana@example.org")).toContainText("Please reload the page once.");
});

test("a closed account is closed", async ({ page }) => {
  await signInAs(page, "harold.w", NEW_PASSWORD);
  await page.goto("/account/close");
  await page.getByLabel("Your password").fill(NEW_PASSWORD);
  await page.getByLabel("Yes, I want to close my account").check();
  await page.getByRole("button", { name: "Close my account" }).click();
  await expect(page.getByText("Your account is closed.")).toBeVisible();
});
