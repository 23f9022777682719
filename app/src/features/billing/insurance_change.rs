//! Telling about an insurance: the front desk checks it, and what is accepted holds.

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::requests::attached;
use crate::{
    access::{Grant, policy::TellInsurance},
    base::{
        error::{Error, Problem},
        i18n::Texts,
        ids::new_id,
        text::date,
        why::Why,
    },
    desk::{
        billing::{entity::coverage, model::INSURANCE_REQUEST, reading::coverages},
        requests::{
            entity::request,
            kind::{About, Answer, Decision, Due, GoOn, RequestDetails, RequestKind, decided_state},
            opening::{open, open_with_file},
        },
    },
    people::{patient, relation::StaffRole},
    platform::request::Multipart,
    view::document::Part,
};

pub const INSURANCE: RequestKind = RequestKind {
    at: |_| None,
    goes_out: true,
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
    pub what: String,
    /// The one that is corrected or ended.
    pub coverage: Option<Uuid>,
    pub insurer: String,
    pub member_id: String,
    pub group_id: String,
    pub holder: String,
    pub relationship: String,
    pub day: Option<NaiveDate>,
}

impl RequestDetails for Insurance {
    const KEY: &'static str = INSURANCE_REQUEST;
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
    if !matches!(what.as_str(), "new" | "correct" | "end") {
        return Err(Error::NotFound);
    }
    // A new one takes no other's place.
    let coverage: Option<Uuid> = form.text("coverage").parse().ok().filter(|_| what != "new");
    let known = coverages(grant.db(), grant.patient().0).await?;
    let before = known.iter().find(|row| Some(row.id) == coverage && row.active);
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
    let before = match told.coverage.filter(|_| told.what != "new") {
        Some(id) => {
            let theirs = patient::with_merged(patient.id).into_query();
            let own = coverage::Entity::find_by_id(id).filter(coverage::Column::PatientId.in_subquery(theirs)).one(tx).await?;
            // Somebody may have corrected or ended it meanwhile.
            Some(own.filter(|own| own.active).ok_or(Error::form(Why::ALREADY_DONE))?)
        }
        None => None,
    };
    if let Some(before) = &before {
        let ended = coverage::ActiveModel {
            id: Set(before.id),
            active: Set(false),
            request_id: Set(Some(row.id)),
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
