//! How departments hold their visits by video.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::{entity::video_office, model::Way};
use crate::{
    access::{Grant, policy::ManageCalendars},
    base::error::Error,
    desk::{
        check_in,
        scheduling::{entity::scheduling_office, keepers::changes, staff::departments},
    },
    platform::batch::{Batch, Columns, Rows, alone},
    record::care_team::entity::department,
};

/// So many minutes before its time a visit opens, where a department says nothing.
pub const OPENS_MINUTES: i32 = 15;

/// How a department holds its visits by video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoOffice {
    /// Nothing where nobody has said it.
    pub in_portal: Option<bool>,
    pub opens_minutes: i32,
    /// Its calendar is kept here, so that somebody of its staff can come.
    is_kept_here: bool,
}

impl VideoOffice {
    /// A department of which nothing is known.
    pub(super) const NONE: Self = Self { in_portal: None, opens_minutes: OPENS_MINUTES, is_kept_here: false };

    /// Somebody of the staff sees here what is asked of it.
    pub fn is_kept(&self) -> bool {
        self.is_kept_here
    }

    /// A link that comes with an appointment is where it is held, unless the department says that it holds its visits here.
    pub fn way(&self, join_url: Option<&str>) -> Way {
        match (self.in_portal, join_url) {
            (Some(true), _) if self.is_kept_here => Way::Portal,
            (_, Some(url)) => Way::Outside(url.to_owned()),
            (None, None) if self.is_kept_here => Way::Portal,
            _ => Way::Unknown,
        }
    }
}

/// A department, where its visits are held, when they open, and whether its calendar is kept here.
#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    in_portal: Option<bool>,
    opens_minutes: Option<i32>,
    department_id: Option<Uuid>,
}

/// The offices of these departments.
///
/// # Errors
/// When the database fails.
pub async fn offices(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, VideoOffice>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    alone(db, |batch| ask(batch, ids.to_vec())).await
}

/// Asks for them together with other things.
pub(super) fn ask(batch: &mut Batch, ids: Vec<Uuid>) -> impl FnOnce(&mut Rows) -> Result<HashMap<Uuid, VideoOffice>, DbErr> + use<> {
    // A department whose calendar is kept elsewhere may have its visits outside all the same.
    let known = department::Entity::find()
        .join(
            JoinType::LeftJoin,
            department::Entity::belongs_to(video_office::Entity).from(department::Column::Id).to(video_office::Column::DepartmentId).into(),
        )
        .join(
            JoinType::LeftJoin,
            department::Entity::belongs_to(scheduling_office::Entity)
                .from(department::Column::Id)
                .to(scheduling_office::Column::DepartmentId)
                .into(),
        )
        .filter(department::Column::Id.is_in(ids));
    let columns = Columns::default()
        .of([department::Column::Id])
        .of([video_office::Column::InPortal, video_office::Column::OpensMinutes])
        .of([scheduling_office::Column::DepartmentId]);
    let rows = batch.ask_columns::<_, Row>(known, columns);
    let of = |row: Row| {
        let opens_minutes = row.opens_minutes.unwrap_or(OPENS_MINUTES);
        (row.id, VideoOffice { in_portal: row.in_portal, opens_minutes, is_kept_here: row.department_id.is_some() })
    };
    move |answers| Ok(answers.take(rows)?.into_iter().map(of).collect())
}

/// The office of one of them.
///
/// # Errors
/// When the database fails.
pub async fn office(db: &impl ConnectionTrait, department: Option<Uuid>) -> Result<VideoOffice, DbErr> {
    let Some(id) = department else { return Ok(VideoOffice::NONE) };
    Ok(offices(db, &[id]).await?.remove(&id).unwrap_or(VideoOffice::NONE))
}

/// Keeps how a department holds its visits by video.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `NotAllowed` for whoever changes nothing there; `Invalid` for no number of
/// minutes.
pub async fn keep(grant: &Grant<ManageCalendars>, department: Uuid, in_portal: bool, opens_minutes: &str) -> Result<(), Error> {
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    if !changes(grant, department).await? {
        return Err(Error::NotAllowed);
    }
    let minutes = opens_minutes.trim().parse::<i32>().ok().filter(|minutes| (0..=120).contains(minutes));
    let minutes = minutes.ok_or(Error::field("opens_minutes", check_in::problem::NOT_IN_RANGE))?;
    let row = video_office::ActiveModel { department_id: Set(department), in_portal: Set(in_portal), opens_minutes: Set(minutes) };
    let known = OnConflict::column(video_office::Column::DepartmentId)
        .update_columns([video_office::Column::InPortal, video_office::Column::OpensMinutes])
        .to_owned();
    video_office::Entity::insert(row).on_conflict(known).exec_without_returning(grant.db()).await?;
    Ok(())
}
