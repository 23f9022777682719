//! What the record knows of a patient, beside a question that an office answers.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::record::item::{
    entity::health_item,
    model::{Kind, State},
};

/// Without what is sensitive: it may concern another office.
#[derive(Default)]
pub struct Known {
    pub allergies: Vec<String>,
    /// The medicines that are taken or planned.
    pub medicines: Vec<String>,
}

/// # Errors
/// When the database fails.
pub async fn known(db: &impl ConnectionTrait, patient: Uuid) -> Result<Known, DbErr> {
    let items = health_item::Entity::find()
        .filter(health_item::Column::PatientId.eq(patient))
        .filter(health_item::Column::Kind.is_in([Kind::Allergy, Kind::Medication]))
        .filter(health_item::Column::State.is_not_in([State::Past, State::NotDone]))
        .filter(health_item::Column::Sensitive.eq(false))
        .order_by_asc(health_item::Column::Title)
        .all(db)
        .await?;
    let titles = |kind: Kind| {
        let mut titles: Vec<String> = items.iter().filter(|item| item.kind == kind).map(|item| item.title.clone()).collect();
        titles.dedup();
        titles
    };
    Ok(Known { allergies: titles(Kind::Allergy), medicines: titles(Kind::Medication) })
}
