//! What is asked of staff about bills: questions, financial help, insurance.

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access::{
        Grant,
        policy::{TellInsurance, UseBilling},
    },
    base::{
        error::{Error, Problem},
        i18n::Texts,
        ids::new_id,
        money::{cents, price},
        text::{MOST_BYTES, date},
        why::Why,
    },
    desk::{
        billing::{
            entity::{coverage, guarantor},
            pay::due,
            problem,
            store::Shown,
        },
        requests::{
            entity::request,
            kind::{About, Answer, Decision, Due, GoOn, RequestDetails, RequestKind, answered_state, decided_state},
            store::{Attached, media_type, open, open_with_file},
        },
    },
    people::{patient, relation::StaffRole},
    platform::request::Multipart,
    view::document::Part,
};

/// So many letters say what somebody asks.
const MOST_WORDS: usize = 2000;

pub const QUESTION: RequestKind = RequestKind {
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
    bill: Uuid,
    number: String,
    due: i64,
    topic: String,
    words: String,
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
    let words = words.trim().replace("\r\n", "\n");
    let asked = Question { bill: bill.id, number: bill.number.clone(), due: due(bill), topic: topic.to_owned(), words };
    open(grant, &grant.holder()?.name, None, Some(bill.patient_id), &asked).await?;
    Ok(())
}

pub const HARDSHIP: RequestKind = RequestKind {
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
    let words = form.text("words").trim().replace("\r\n", "\n");
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
fn attached(form: &Multipart, problems: &mut Vec<Problem>, optional: bool) -> Option<Attached> {
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

pub const INSURANCE: RequestKind = RequestKind {
    key: Insurance::KEY,
    letter: 'I',
    role: StaffRole::FrontDesk,
    due: Due::USUAL,
    emails: true,
    title: |t| t.billing_insurance_change(),
    state: decided_state,
    describe: |t, row| Ok(vec![described(t, &row.details()?)]),
    answer: Answer::Decision(Decision {
        about: About::Known(|t, row, _| Ok(described(t, &row.details()?))),
        accept_says: |t| t.billing_accept_insurance(),
        accept: |tx, _, row, patient| Box::pin(take_over(tx, row, patient)),
    }),
    own: None,
};

/// What somebody tells about an insurance.
#[derive(Clone, Serialize, Deserialize)]
pub struct Insurance {
    /// `new`, `correct` or `end`.
    what: String,
    /// The one that is corrected or ended.
    coverage: Option<Uuid>,
    insurer: String,
    member_id: String,
    group_id: String,
    holder: String,
    relationship: String,
    day: Option<NaiveDate>,
}

impl RequestDetails for Insurance {
    const KEY: &'static str = "insurance";
}

fn described(t: Texts, told: &Insurance) -> Part {
    let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let what = match told.what.as_str() {
        "end" => t.billing_insurance_end(),
        "correct" => t.billing_insurance_correct(),
        _ => t.billing_insurance_new(),
    };
    let day = if told.what == "end" { t.billing_insurance_until() } else { t.billing_insurance_from() };
    Part::facts([
        (t.billing_insurance_what(), Some(what.to_owned())),
        (t.billing_insurer(), said(&told.insurer)),
        (t.billing_member_id(), said(&told.member_id)),
        (t.billing_group_id(), said(&told.group_id)),
        (t.billing_holder(), said(&told.holder)),
        (t.billing_relationship(), said(&told.relationship)),
        (day, told.day.map(|day| t.date(day))),
    ])
}

/// Tells about an insurance.
///
/// # Errors
/// `Invalid` with everything that is wrong; `NotFound` for an insurance of somebody else.
pub async fn tell_insurance(grant: &Grant<TellInsurance>, form: &Multipart) -> Result<(), Error> {
    let mut problems = Vec::new();
    let what = form.text("what");
    let coverage: Option<Uuid> = form.text("coverage").parse().ok();
    if !matches!(what.as_str(), "new" | "correct" | "end") {
        return Err(Error::NotFound);
    }
    let known = crate::desk::billing::store::coverages(grant.db(), grant.patient().0).await?;
    let before = known.iter().find(|row| Some(row.id) == coverage);
    if what != "new" && before.is_none() {
        return Err(Error::NotFound);
    }
    let field = |name: &str, most: usize, needed: bool, problems: &mut Vec<Problem>| {
        let text = form.text(name).trim().to_owned();
        if needed && text.is_empty() {
            problems.push(Problem { field: name.to_owned(), why: Why::MISSING });
        } else if text.chars().count() > most {
            problems.push(Problem { field: name.to_owned(), why: Why::TOO_LONG });
        }
        text
    };
    let ends = what == "end";
    let insurer = if ends { before.map(|row| row.insurer.clone()).unwrap_or_default() } else { field("insurer", 200, true, &mut problems) };
    let member_id = if ends { String::new() } else { field("member_id", 60, true, &mut problems) };
    let group_id = field("group_id", 60, false, &mut problems);
    let holder = field("holder", 200, false, &mut problems);
    let relationship = field("relationship", 60, false, &mut problems);
    let typed = form.text("day");
    let day = if typed.trim().is_empty() && !ends { None } else { Error::gather(date("day", &typed), &mut problems)? };
    let file = attached(form, &mut problems, true);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let told = Insurance { what, coverage, insurer, member_id, group_id, holder, relationship, day };
    let (name, patient) = (&grant.holder()?.name, Some(grant.patient().0));
    match file {
        Some(file) => open_with_file(grant, name, patient, &told, file).await?,
        None => open(grant, name, None, patient, &told).await?,
    };
    Ok(())
}

/// What was told holds from now on.
async fn take_over(tx: &DatabaseTransaction, row: &request::Model, patient: &patient::Model) -> Result<Option<GoOn>, Error> {
    let told: Insurance = row.details()?;
    let before = match told.coverage {
        Some(id) => coverage::Entity::find_by_id(id).one(tx).await?,
        None => None,
    };
    if let Some(before) = &before {
        let ended = coverage::ActiveModel {
            id: Set(before.id),
            active: Set(false),
            ends_on: Set(if told.what == "end" { told.day } else { before.ends_on }),
            ..Default::default()
        };
        coverage::Entity::update(ended).exec(tx).await?;
    }
    if told.what != "end" {
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        let taken = coverage::ActiveModel {
            id: Set(new_id()),
            patient_id: Set(patient.id),
            insurer: Set(told.insurer),
            plan_name: Set(before.and_then(|before| before.plan_name)),
            member_id: Set(said(told.member_id)),
            group_id: Set(said(told.group_id)),
            relationship: Set(said(told.relationship)),
            holder: Set(said(told.holder)),
            starts_on: Set(told.day),
            ends_on: Set(None),
            active: Set(true),
            from_record: Set(false),
            request_id: Set(Some(row.id)),
            made_at: Set(chrono::Utc::now()),
        };
        coverage::Entity::insert(taken).exec_without_returning(tx).await?;
    }
    Ok(None)
}
