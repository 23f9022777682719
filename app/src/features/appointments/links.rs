//! Links of letters about a visit: each answers for one visit at one time, once, without signing in, and shows no health information.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    access::{
        DelegatedAccess, Grant, Level,
        policy::{BookVisits, UseVisitLink},
    },
    base::{
        error::Error,
        ids::{AccountId, PatientId},
        why::Why,
    },
    desk::{
        office::tell::tell_readers,
        scheduling::{
            act::{Actor, May, at_words, first_name, kind_of, visit_of},
            change, email,
            known::known,
        },
    },
    people::patient,
    platform::{
        throttle::limit,
        tokens::{hash, token},
    },
    record::visit::model::Status,
};

pub mod entity {
    //! Links of letters. Columns only: entities never leave the server.

    pub mod visit_link {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "visit_link")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub token_hash: String,
            pub visit_id: Uuid,
            pub patient_id: Uuid,
            pub account_id: Uuid,
            /// The time of the visit that it is for: a visit that was moved has another link.
            pub starts_at: DateTimeUtc,
            pub used_at: Option<DateTimeUtc>,
            pub used_for: Option<String>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod visit_reminder {
        use sea_orm::entity::prelude::*;

        /// That somebody was reminded of a visit at this time.
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "visit_reminder")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub visit_id: Uuid,
            #[sea_orm(primary_key, auto_increment = false)]
            pub account_id: Uuid,
            #[sea_orm(primary_key, auto_increment = false)]
            pub starts_at: DateTimeUtc,
            /// So many days before.
            #[sea_orm(primary_key, auto_increment = false)]
            pub days: i32,
            pub sent_at: DateTimeUtc,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}

use entity::visit_link;

/// So many links are tried from one address in a window of the throttle.
const PER_ADDRESS: i32 = 60;

/// What somebody said with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Confirmed,
    Cancelled,
}

/// The visit of a link: when it is, and what can be said.
#[derive(Clone, Debug)]
pub struct Linked {
    pub given_name: String,
    pub starts_at: DateTime<Utc>,
    pub answered: Option<Answered>,
    pub may_confirm: bool,
    pub may_cancel: bool,
}

/// Makes a link for a letter to an account.
///
/// # Errors
/// When the database fails.
pub async fn make(
    tx: &impl ConnectionTrait,
    (visit, patient, account): (Uuid, Uuid, Uuid),
    starts_at: DateTime<Utc>,
) -> Result<String, DbErr> {
    let token = token()?;
    let row = visit_link::ActiveModel {
        token_hash: Set(hash(&token)),
        visit_id: Set(visit),
        patient_id: Set(patient),
        account_id: Set(account),
        starts_at: Set(starts_at),
        used_at: Set(None),
        used_for: Set(None),
    };
    visit_link::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(token)
}

async fn found(grant: &Grant<UseVisitLink>, token: &str) -> Result<Option<(visit_link::Model, Grant<BookVisits>)>, Error> {
    limit(grant.db(), &format!("visit-link:{}", grant.address()), PER_ADDRESS).await?;
    let Some(link) = visit_link::Entity::find_by_id(hash(token)).one(grant.db()).await? else { return Ok(None) };
    // Whoever lost access meanwhile, or closed the account, answers for nobody.
    let Ok(access) = DelegatedAccess::by_link(grant, AccountId(link.account_id)).await else { return Ok(None) };
    // A chart that went into another since is read there.
    let chart = patient::current(grant.db(), link.patient_id).await?.map_or(link.patient_id, |person| person.id);
    match access.allow::<BookVisits>(PatientId(chart)) {
        Ok(chart) => Ok(Some((link, chart))),
        Err(_) => Ok(None),
    }
}

/// The visit of a link, as it is now; `None` when the link is worth nothing (any more).
///
/// # Errors
/// `TooManyTries`; when the database fails.
pub async fn read(grant: &Grant<UseVisitLink>, token: &str) -> Result<Option<Linked>, Error> {
    let Some((link, chart)) = found(grant, token).await? else { return Ok(None) };
    let Ok((visit, booking)) = visit_of(&chart, link.visit_id).await else { return Ok(None) };
    if visit.starts_at != Some(link.starts_at) {
        return Ok(None);
    }
    let confirmed = booking.as_ref().is_some_and(|booking| booking.confirmed_at.is_some());
    let answered = match visit.status {
        Status::Cancelled => Some(Answered::Cancelled),
        _ if confirmed => Some(Answered::Confirmed),
        _ => None,
    };
    let kind = kind_of(grant.db(), booking.as_ref()).await?;
    let may = May::of(&visit, booking.as_ref(), kind.as_ref(), grant.now().instant, grant.zone());
    let unused = link.used_at.is_none();
    let given_name = chart.person()?.given_name.clone();
    Ok(Some(Linked {
        given_name,
        starts_at: link.starts_at,
        answered,
        may_confirm: may.confirm && unused,
        may_cancel: may.cancel && unused,
    }))
}

/// Confirms or cancels by a link, once.
///
/// # Errors
/// `Invalid` when the link is worth nothing any more, or the visit was changed.
pub async fn answer(grant: &Grant<UseVisitLink>, token: &str, cancels: bool) -> Result<(), Error> {
    let over = || Error::form(Why::LINK_OVER);
    let (link, chart) = found(grant, token).await?.ok_or_else(over)?;
    let (visit, booking) = visit_of(&chart, link.visit_id).await.map_err(|_| over())?;
    if visit.starts_at != Some(link.starts_at) {
        return Err(over());
    }
    let (now, zone, actor) = (grant.now().instant, grant.zone(), Actor::patients_side(&chart)?);
    let booking = known(grant.db(), &visit, booking, now).await?;
    let tx = grant.begin().await?;
    let used = visit_link::ActiveModel {
        used_at: Set(Some(now)),
        used_for: Set(Some(if cancels { "cancel" } else { "confirm" }.into())),
        ..Default::default()
    };
    let once = visit_link::Entity::update_many()
        .set(used)
        .filter(visit_link::Column::TokenHash.eq(link.token_hash))
        .filter(visit_link::Column::UsedAt.is_null());
    if once.exec(&tx).await?.rows_affected == 0 {
        return Err(over());
    }
    if cancels {
        change::cancel(&tx, &visit, booking, &actor, None, now).await?;
        let sensitive = visit.sensitive;
        let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
        let patient = chart.patient().0;
        let page = grant.link(&format!("/p/{patient}/visits/{}", visit.id));
        let whose = first_name(&tx, patient).await?;
        tell_readers(&tx, &chart, patient, opens, email::cancelled(whose.clone(), at_words(link.starts_at, zone), page)).await?;
    } else {
        change::confirm(&tx, &visit, booking, &actor, now, zone).await?;
    }
    chart.log_by_link(&tx).await?;
    tx.commit().await?;
    Ok(())
}
