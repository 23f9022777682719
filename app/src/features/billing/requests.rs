//! What is asked of staff about bills: questions, financial help, insurance.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access::{Grant, policy::UseBilling},
    base::{
        error::{Error, Problem},
        i18n::Texts,
        money::{cents, price},
        text::MOST_BYTES,
        why::Why,
    },
    desk::{
        billing::{entity::guarantor, payer::due, problem, store::Shown},
        requests::{
            files::{Attached, media_type},
            kind::{Answer, Due, RequestDetails, RequestKind, answered_state},
            opening::{open, open_with_file},
        },
    },
    people::relation::StaffRole,
    platform::request::Multipart,
    view::document::Part,
};

/// So many letters say what somebody asks.
const MOST_WORDS: usize = 2000;

pub const QUESTION: RequestKind = RequestKind {
    at: |row| Some(format!("/staff/billing/bills/{}", row.details::<Question>().ok()?.bill)),
    goes_out: true,
    key: Question::KEY,
    letter: 'B',
    role: StaffRole::Billing,
    due: Due::USUAL,
    emails: true,
    title: |t| t.billing_question(),
    state: answered_state,
    describe: |t, row| {
        let asked: Question = row.details()?;
        let topic = TOPICS.iter().find(|(key, _)| *key == asked.topic).map(|(_, words)| words(t).to_owned());
        Ok(vec![
            Part::facts([
                (t.billing_bill_number(), Some(asked.number)),
                (t.billing_due_then(), Some(price(asked.due))),
                (t.billing_question_topic(), topic),
            ]),
            Part::Text(asked.words),
        ])
    },
    answer: Answer::Words,
    own: None,
};

/// A key, and its words.
type Topic = (&'static str, fn(Texts) -> &'static str);

/// What a question is about.
pub const TOPICS: [Topic; 5] = [
    ("not_mine", Texts::billing_topic_not_mine),
    ("insurance", Texts::billing_topic_insurance),
    ("amount", Texts::billing_topic_amount),
    ("paid", Texts::billing_topic_paid),
    ("other", Texts::billing_topic_other),
];

#[derive(Serialize, Deserialize)]
pub struct Question {
    pub bill: Uuid,
    number: String,
    due: i64,
    pub topic: String,
    pub words: String,
}

impl RequestDetails for Question {
    const KEY: &'static str = "bill_question";
}

/// Asks about a bill.
///
/// # Errors
/// `Invalid` without words.
pub async fn ask(grant: &Grant<UseBilling>, shown: &Shown, topic: &str, words: &str) -> Result<(), Error> {
    let mut problems = Vec::new();
    if !TOPICS.iter().any(|(key, _)| *key == topic) {
        problems.push(Problem { field: "topic".into(), why: Why::MISSING });
    }
    match words.trim() {
        "" => problems.push(Problem { field: "words".into(), why: Why::MISSING }),
        text if text.chars().count() > MOST_WORDS => problems.push(Problem { field: "words".into(), why: Why::TOO_LONG }),
        _ => {}
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let bill = &shown.bill;
    let words = words.trim().to_owned();
    let asked = Question { bill: bill.id, number: bill.number.clone(), due: due(bill), topic: topic.to_owned(), words };
    open(grant, &grant.holder()?.name, None, Some(bill.patient_id), &asked).await?;
    Ok(())
}

pub const HARDSHIP: RequestKind = RequestKind {
    at: |row| Some(format!("/staff/billing/accounts/{}", row.details::<Hardship>().ok()?.guarantor)),
    goes_out: false,
    key: Hardship::KEY,
    letter: 'F',
    role: StaffRole::Billing,
    due: Due::BusinessDays(10),
    emails: true,
    title: |t| t.billing_hardship(),
    state: answered_state,
    describe: |t, row| {
        let asked: Hardship = row.details()?;
        Ok(vec![
            Part::facts([
                (t.billing_account_number(), Some(asked.number)),
                (t.billing_household(), Some(asked.household.to_string())),
                (t.billing_income(), Some(price(asked.income))),
            ]),
            Part::Text(asked.words),
        ])
    },
    answer: Answer::Words,
    own: None,
};

#[derive(Serialize, Deserialize)]
pub struct Hardship {
    guarantor: Uuid,
    number: String,
    household: u32,
    /// Of a month, in cents.
    income: i64,
    words: String,
}

impl RequestDetails for Hardship {
    const KEY: &'static str = "financial_help";
}

/// Asks for financial help, with a paper about the income.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn ask_for_help(grant: &Grant<UseBilling>, guarantor: &guarantor::Model, form: &Multipart) -> Result<(), Error> {
    let mut problems = Vec::new();
    let household: Option<u32> = form.text("household").trim().parse().ok().filter(|count| (1..=30).contains(count));
    let income = cents(&form.text("income"));
    let words = form.text("words").trim().to_owned();
    if household.is_none() {
        problems.push(Problem { field: "household".into(), why: Why::of("billing_why_household") });
    }
    if income.is_none() {
        problems.push(Problem { field: "income".into(), why: problem::NOT_MONEY });
    }
    if words.chars().count() > MOST_WORDS {
        problems.push(Problem { field: "words".into(), why: Why::TOO_LONG });
    }
    let file = attached(form, &mut problems, true);
    let (Some(household), Some(income), true) = (household, income, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let asked = Hardship { guarantor: guarantor.id, number: guarantor.number.clone(), household, income, words };
    let name = &grant.holder()?.name;
    match file {
        Some(file) => open_with_file(grant, name, guarantor.patient_id, &asked, file).await?,
        None => open(grant, name, None, guarantor.patient_id, &asked).await?,
    };
    Ok(())
}

/// The file of a form, when it is one that is taken.
pub(super) fn attached(form: &Multipart, problems: &mut Vec<Problem>, optional: bool) -> Option<Attached> {
    let mut refuse = |why: Why| problems.push(Problem { field: "file".into(), why });
    let Some((name, body)) = form.file.as_ref().filter(|(_, body)| !body.is_empty()) else {
        if !optional {
            refuse(Why::MISSING);
        }
        return None;
    };
    let kind = media_type(body);
    if body.len() > MOST_BYTES {
        refuse(Why::FILE_LARGE);
    } else if kind.is_none() {
        refuse(Why::of("family_why_file_kind"));
    }
    Some(Attached { name: name.clone(), media_type: kind?, body: body.clone() })
}
