//! A change of address or phone: asked by whoever may edit, written by the front desk's acceptance.

use sea_orm::DatabaseTransaction;

use super::store::{Details, RequestedChange, apply};
use crate::{
    access::{Grant, policy::DecideRequests},
    base::{error::Error, i18n::Texts},
    desk::requests::{
        entity::request,
        kind::{About, Answer, Decision, Due, GoOn, RequestDetails, RequestKind, decided_state, some_text},
    },
    people::{patient, relation::StaffRole},
    view::document::Part,
};

pub const KIND: RequestKind = RequestKind {
    at: |_| None,
    goes_out: false,
    key: RequestedChange::KEY,
    letter: 'D',
    role: StaffRole::FrontDesk,
    due: Due::USUAL,
    emails: true,
    title: |t| t.requests_details(),
    state: decided_state,
    describe,
    answer: Answer::Decision(Decision {
        about: About::Known(beside),
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

/// What the record says now, beside what is asked for.
fn beside(t: Texts, row: &request::Model, patient: &patient::Model) -> Result<Part, Error> {
    let RequestedChange { details, .. } = row.details()?;
    let now = Details::of(patient);
    let names =
        [t.personal_address(), t.personal_city(), t.personal_state(), t.signup_zip(), t.personal_phone_mobile(), t.personal_phone_home()];
    let rows = names.into_iter().zip(now.entries()).zip(details.entries()).map(|((name, (_, now)), (_, asked))| {
        let says = if asked.is_empty() {
            t.queue_stays()
        } else if asked == now {
            t.queue_same()
        } else {
            t.queue_different()
        };
        vec![name.to_owned(), now.to_owned(), asked.to_owned(), says.to_owned()]
    });
    let head = [t.queue_fact(), t.queue_recorded(), t.queue_asked(), t.queue_compared()].map(str::to_owned).into();
    let name = format!("{} {}", patient.given_name, patient.family_name);
    Ok(Part::Table { caption: t.queue_beside(&name), head, rows: rows.collect() })
}

async fn accept(
    tx: &DatabaseTransaction,
    grant: &Grant<DecideRequests>,
    row: &request::Model,
    patient: &patient::Model,
) -> Result<Option<GoOn>, Error> {
    apply(tx, patient, &row.details::<RequestedChange>()?.details, grant.now().instant).await?;
    Ok(None)
}
