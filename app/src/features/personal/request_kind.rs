//! A change of address or phone: asked by whoever may edit, written by the front desk's acceptance.

use sea_orm::DatabaseTransaction;

use super::store::{RequestedChange, apply};
use crate::{
    access::{Grant, policy::DecideRequests},
    base::{error::Error, i18n::Texts},
    desk::requests::{
        entity::request,
        kind::{Answer, Decision, Due, RequestDetails, RequestKind, decided_state, some_text},
    },
    people::{patient, relation::StaffRole},
    view::document::Part,
};

pub const KIND: RequestKind = RequestKind {
    key: RequestedChange::KEY,
    letter: 'D',
    role: StaffRole::FrontDesk,
    due: Due::USUAL,
    emails: true,
    title: |t| t.requests_details(),
    state: decided_state,
    describe,
    answer: Answer::Decision(Decision {
        by_record_number: false,
        accept_says: |t| t.queue_accept_details(),
        accept: |tx, grant, row, patient| Box::pin(accept(tx, grant, row, patient)),
    }),
    own: None,
};

fn describe(t: Texts, row: &request::Model) -> Result<Vec<Part>, Error> {
    let RequestedChange { name, details } = row.details()?;
    Ok(vec![Part::facts([
        (t.personal_name(), Some(name)),
        (t.personal_address(), some_text(&details.address_line)),
        (t.personal_city(), some_text(&details.city)),
        (t.personal_state(), some_text(&details.state)),
        (t.signup_zip(), some_text(&details.postal_code)),
        (t.personal_phone_mobile(), some_text(&details.phone_mobile)),
        (t.personal_phone_home(), some_text(&details.phone_home)),
    ])])
}

async fn accept(
    tx: &DatabaseTransaction,
    grant: &Grant<DecideRequests>,
    row: &request::Model,
    patient: &patient::Model,
) -> Result<(), Error> {
    apply(tx, patient, &row.details::<RequestedChange>()?.details, grant.now().instant).await
}
