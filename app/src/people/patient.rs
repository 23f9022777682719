//! Demographics of patients. Columns only: entities never leave the server.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "patient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The Patient resource whose demographics these are; see [`patient_record`](super::patient_record).
    pub resource_id: Uuid,
    pub mrn: Option<String>,
    pub given_name: String,
    pub family_name: String,
    pub search_name: String,
    pub birth_date: Date,
    pub sex: Option<String>,
    pub deceased: bool,
    /// A year, a month or a day, or a moment, as it was sent.
    pub deceased_on: Option<String>,
    pub language: Option<String>,
    pub marital_status: Option<String>,
    pub address_line: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub phone_home: Option<String>,
    pub phone_mobile: Option<String>,
    pub phone_work: Option<String>,
    pub email: Option<String>,
    pub emancipated_on: Option<Date>,
    /// The chart into which this one went: nobody opens this one any more.
    pub merged_into: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
