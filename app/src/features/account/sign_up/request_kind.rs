//! A sign-up that matched no record: the front desk checks who it is and finds the chart; acceptance sends a code to the address in it.

use sea_orm::DatabaseTransaction;

use super::{
    by_code::{issue, mail_new_code},
    model::CodeDelivery,
    unmatched::UnmatchedPerson,
};
use crate::{
    access::{Grant, policy::DecideRequests},
    base::{error::Error, i18n::Texts},
    desk::requests::{
        entity::request,
        kind::{About, Answer, Decision, Due, GoOn, RequestDetails, RequestKind, decided_state, some_text},
        sought::Sought,
    },
    features::account::{
        core::{has_account, may_hold_account},
        problem,
    },
    people::{patient, relation::StaffRole},
    view::document::Part,
};

pub const KIND: RequestKind = RequestKind {
    at: |_| None,
    goes_out: false,
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
        about: About::Chosen(sought),
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

fn sought(row: &request::Model) -> Result<Sought, Error> {
    let UnmatchedPerson { given_name, family_name, birth_date, zip, phone } = row.details()?;
    Ok(Sought { given_name, family_name, birth_date, zip, phone })
}

/// The code goes to the address in the record, whatever address was typed; of a record without one, staff send or hand over the
/// letter with it.
async fn accept(
    tx: &DatabaseTransaction,
    grant: &Grant<DecideRequests>,
    _: &request::Model,
    patient: &patient::Model,
) -> Result<Option<GoOn>, Error> {
    may_hold_account(patient, grant.now().today).map_err(Error::form)?;
    if has_account(tx, patient.id).await? {
        return Err(Error::form(problem::HAS_ACCOUNT));
    }
    if mail_new_code(tx, grant, patient).await? {
        return Ok(None);
    }
    let code = issue(tx, patient.id, CodeDelivery::Office, grant.now().instant).await?;
    Ok(Some(GoOn { page: format!("/staff/patients/{}/code", patient.id), secret: (patient.id, code) }))
}
