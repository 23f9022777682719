//! What an invited adult will see, before the invitation is sent.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    access::{Grant, Level, policy::ManageAccess},
    base::error::Error,
    people::relation::AdultLevel,
    record::{
        note::{entity::note, model::Disclosure},
        visit::entity::visit,
    },
};

/// What a level opens of this chart, counted today.
pub struct Preview {
    /// When and with what name, as somebody of that level reads it.
    pub upcoming: Vec<(DateTime<Utc>, String)>,
    pub past_visits: u64,
    pub notes: u64,
    pub notes_hidden: u64,
}

/// # Errors
/// When the database fails.
pub async fn preview(grant: &Grant<ManageAccess>, level: AdultLevel) -> Result<Preview, Error> {
    let (db, now, level) = (grant.db(), grant.now().instant, Level::Adult(level));
    let visits = || {
        let all = visit::Entity::find().filter(visit::Column::PatientId.eq(grant.patient().0));
        if level.sees_sensitive() { all } else { all.filter(visit::Column::Sensitive.eq(false)) }
    };
    let upcoming = visits()
        .filter(visit::Column::StartsAt.gte(now))
        .filter(visit::Column::Status.eq(crate::record::visit::model::Status::Booked))
        .order_by_asc(visit::Column::StartsAt)
        .limit(3)
        .all(db)
        .await?;
    let past_visits = visits().filter(visit::Column::StartsAt.lt(now)).count(db).await?;
    let notes = || {
        note::Entity::find().filter(note::Column::PatientId.eq(grant.patient().0)).filter(note::Column::Disclosure.eq(Disclosure::Shown))
    };
    let all = notes().count(db).await?;
    let plain = notes().filter(note::Column::Sensitive.eq(false)).count(db).await?;
    let seen = match (level.sees_clinical(), level.sees_sensitive()) {
        (false, _) => 0,
        (true, false) => plain,
        (true, true) => all,
    };
    Ok(Preview {
        upcoming: upcoming.into_iter().filter_map(|visit| Some((visit.starts_at?, visit.title))).collect(),
        past_visits,
        notes: seen,
        notes_hidden: all - seen,
    })
}
