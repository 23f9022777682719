//! Who can sign in. Columns only: entities never leave the server.

use sea_orm::entity::prelude::*;

use crate::{
    base::{i18n::Locale, text::first_name},
    people::relation::StaffRole,
    platform::mail::store::Recipient,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub username: String,
    pub username_key: String,
    pub display_name: String,
    pub password_hash: String,
    pub staff_role: Option<StaffRole>,
    pub patient_id: Option<Uuid>,
    pub locale: String,
    pub created_at: DateTimeUtc,
    pub email: Option<String>,
    pub email_verified_at: Option<DateTimeUtc>,
    pub security_question: Option<String>,
    pub security_answer_hash: Option<String>,
    pub totp_secret: Option<String>,
    pub totp_confirmed_at: Option<DateTimeUtc>,
    pub email_code_on: bool,
    pub mail_off: Option<String>,
    pub quiet_from: Option<i32>,
    pub quiet_until: Option<i32>,
    /// Of somebody who has no chart of their own.
    pub birth_date: Option<Date>,
    pub closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// For letters and notices, when the account is open.
    pub fn recipient(&self) -> Option<Recipient> {
        if self.closed_at.is_some() {
            return None;
        }
        Some(Recipient {
            account: Some(self.id),
            name: Some(first_name(&self.display_name).to_owned()).filter(|name| !name.is_empty()),
            email: self.email.clone().unwrap_or_default(),
            locale: Locale::from_tag(&self.locale).unwrap_or_default(),
            off: self.mail_off.as_deref().unwrap_or_default().split(',').map(str::to_owned).collect(),
            quiet: (self.quiet_from, self.quiet_until),
            about: Vec::new(),
        })
    }
}
