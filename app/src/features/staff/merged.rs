//! Two records of one person became one, and not all that people had there could follow by itself: the front desk sorts it out.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    base::{
        error::Error,
        i18n::{Locale, Texts},
        ids::new_id,
    },
    desk::requests::{
        entity::request,
        kind::{Answer, Due, RequestDetails, RequestKind, answered_state},
        model::RequestState,
        opening::number,
    },
    people::relation::StaffRole,
    view::document::Part,
};

/// What could not follow.
#[derive(Serialize, Deserialize)]
pub struct MergedRecords {
    /// The number of the record that is not used any more.
    pub old_number: Option<String>,
    pub new_number: Option<String>,
    /// Both had an account.
    pub two_accounts: bool,
    /// Those who had access to both in different ways.
    pub proxies: u32,
}

impl RequestDetails for MergedRecords {
    const KEY: &'static str = "merged";
}

pub const KIND: RequestKind = RequestKind {
    at: |_| None,
    goes_out: false,
    key: MergedRecords::KEY,
    letter: 'M',
    role: StaffRole::FrontDesk,
    due: Due::USUAL,
    emails: false,
    title: |t| t.merged_title(),
    state: answered_state,
    describe,
    answer: Answer::Words,
    own: None,
};

fn describe(t: Texts, row: &request::Model) -> Result<Vec<Part>, Error> {
    let found: MergedRecords = row.details()?;
    let accounts = found.two_accounts.then(|| t.merged_two_accounts().to_owned());
    let proxies = (found.proxies > 0).then(|| t.merged_proxies(&found.proxies.to_string()));
    Ok(vec![
        Part::text(t.merged_intro()),
        Part::facts([
            (t.merged_old(), found.old_number),
            (t.merged_new(), found.new_number),
            (t.merged_accounts(), accounts),
            (t.merged_access(), proxies),
        ]),
    ])
}

/// Opens a case about the chart into which the other went.
///
/// # Errors
/// When the database fails.
pub async fn ask_the_desk(
    tx: &impl ConnectionTrait,
    patient: Uuid,
    name: String,
    details: &MergedRecords,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let id = new_id();
    let row = request::ActiveModel {
        id: Set(id),
        number: Set(number(&KIND).map_err(|error| DbErr::Custom(error.to_string()))?),
        kind: Set(KIND.key.to_owned()),
        state: Set(RequestState::Open),
        account_id: Set(None),
        patient_id: Set(Some(patient)),
        name: Set(name),
        email: Set(None),
        locale: Set(Locale::default().tag().to_owned()),
        body: Set(serde_json::to_string(details).map_err(|error| DbErr::Custom(error.to_string()))?),
        created_at: Set(now),
        due_on: Set(KIND.due.on(today)),
        answer: Set(None),
        answered_by: Set(None),
        answered_at: Set(None),
        confirmed: Set(None),
    };
    request::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
