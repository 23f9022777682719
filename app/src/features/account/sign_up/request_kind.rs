//! A sign-up that matched no record: the front desk checks who it is and finds the chart; acceptance mails a code.

use sea_orm::DatabaseTransaction;

use super::{by_code::issue, model::CodeDelivery, unmatched::UnmatchedPerson};
use crate::{
    access::{Grant, policy::DecideRequests},
    base::{
        error::Error,
        i18n::{Locale, Texts},
        why::Why,
    },
    desk::requests::{
        entity::request,
        kind::{Answer, Decision, Due, RequestDetails, RequestKind, decided_state, some_text},
    },
    features::account::{
        core::{has_account, may_hold_account},
        email::activation_code,
        problem,
    },
    people::{patient, relation::StaffRole},
    platform::mail::store::{Recipient, organization_here, post},
    view::document::Part,
};

pub const KIND: RequestKind = RequestKind {
    key: UnmatchedPerson::KEY,
    letter: 'S',
    role: StaffRole::FrontDesk,
    due: Due::USUAL,
    // The address could be anybody's. The page has said what happens next.
    emails: false,
    title: |t| t.requests_sign_up(),
    state: decided_state,
    describe,
    answer: Answer::Decision(Decision {
        by_record_number: true,
        accept_says: |t| t.queue_accept_sign_up(),
        accept: |tx, grant, row, patient| Box::pin(accept(tx, grant, row, patient)),
    }),
    own: None,
};

fn describe(t: Texts, row: &request::Model) -> Result<Vec<Part>, Error> {
    let UnmatchedPerson { birth_date, zip, phone, .. } = row.details()?;
    Ok(vec![Part::facts([
        (t.family_name(), Some(row.name.clone())),
        (t.signup_birth_date(), Some(t.date(birth_date))),
        (t.signup_zip(), some_text(&zip)),
        (t.signup_phone(), some_text(&phone)),
    ])])
}

/// The code goes to the address that the person typed: staff have checked who it is.
async fn accept(
    tx: &DatabaseTransaction,
    grant: &Grant<DecideRequests>,
    row: &request::Model,
    patient: &patient::Model,
) -> Result<(), Error> {
    if !may_hold_account(patient, grant.now().today) {
        return Err(Error::field("record_number", Why::UNDER_AGE));
    }
    if has_account(tx, patient.id).await? {
        return Err(Error::field("record_number", problem::HAS_ACCOUNT));
    }
    let email = row.email.as_deref().ok_or(Error::form(problem::NO_CONTACT))?;
    let now = grant.now().instant;
    let code = issue(tx, patient.id, CodeDelivery::Office, now).await?;
    let locale = Locale::from_tag(&row.locale).unwrap_or_default();
    let link = grant.link(&format!("/sign-up?code={code}"));
    let letter = activation_code(patient.given_name.clone(), code, link);
    Ok(post(tx, &Recipient::address(email, locale), letter, &organization_here()?, now, grant.zone()).await?)
}
