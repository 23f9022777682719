//! When results are shown: the moment they are final, unless the person chose otherwise for a kind of results.

use std::sync::Arc;

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query, SelectStatement},
};

use crate::{
    access::{
        Grant, Permission,
        policy::{ChooseResultTiming, ViewResults},
    },
    base::{error::Error, ids::PatientId},
    record::{
        item::entity::health_item,
        note::entity::note,
        result::{
            entity::{measurement, result_choice, test_result},
            model::{Choice, Kind},
        },
    },
};

/// Who waits for a comment waits so many days at most.
pub const MOST_DAYS: i64 = 5;
/// Nobody is shown what they chose not to see at night from this hour on, local time.
pub const NIGHT_FROM: u32 = 21;
/// The hour at which the night is over.
pub const NIGHT_UNTIL: u32 = 7;

/// What one chart's owner chose, at one moment.
pub struct Release {
    patient: PatientId,
    now: DateTime<Utc>,
    zone: Tz,
    held: Vec<(Kind, Choice, DateTime<Utc>)>,
}

impl Release {
    /// # Errors
    /// When the database fails.
    pub async fn of(db: &impl ConnectionTrait, patient: PatientId, now: DateTime<Utc>, zone: Tz) -> Result<Self, Error> {
        let rows = result_choice::Entity::find().filter(result_choice::Column::PatientId.eq(patient.0)).all(db).await?;
        let held = rows.into_iter().filter_map(|row| Some((row.kind, row.choice, shown_until(row.choice, now, zone)?))).collect();
        Ok(Self { patient, now, zone, held })
    }

    /// For whoever reads a chart now; read once for each request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn for_reader<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Arc<Self>, Error> {
        grant.once(Self::of(grant.db(), grant.patient(), grant.now().instant, grant.zone())).await
    }

    /// Of notes, those that are not the text of a result that waits.
    pub fn notes(&self) -> Condition {
        notes(self.patient, self.now, self.zone)
    }

    /// Of the health summary's items, those that are not the file of a result that waits.
    pub fn items(&self) -> Condition {
        items(self.patient, self.now, self.zone)
    }

    /// Whether there is anything that might wait.
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Of results, those that are shown.
    pub fn results(&self) -> Condition {
        self.held.iter().fold(Condition::all(), |all, (kind, choice, until)| {
            let open = Condition::any().add(test_result::Column::Kind.ne(*kind)).add(test_result::Column::AvailableAt.lte(*until));
            all.add(if *choice == Choice::Comment { open.add(test_result::Column::Id.in_subquery(self.commented())) } else { open })
        })
    }

    /// Of values, those that are shown: when they waited themselves, and when their result did.
    pub fn values(&self) -> Condition {
        if !self.holds() {
            return Condition::all();
        }
        let with_result =
            Condition::any().add(measurement::Column::ResultId.is_null()).add(measurement::Column::ResultId.in_subquery(self.released()));
        self.held.iter().fold(Condition::all().add(with_result), |all, (kind, choice, until)| {
            let open = Condition::any().add(measurement::Column::Kind.ne(*kind)).add(measurement::Column::AvailableAt.lte(*until));
            all.add(if *choice == Choice::Comment { open.add(measurement::Column::ResultId.in_subquery(self.commented())) } else { open })
        })
    }

    /// The results of this chart that are shown.
    fn released(&self) -> SelectStatement {
        test_result::Entity::find()
            .select_only()
            .column(test_result::Column::Id)
            .filter(test_result::Column::PatientId.eq(self.patient.0))
            .filter(self.results())
            .into_query()
    }

    fn commented(&self) -> SelectStatement {
        commented(self.patient)
    }
}

/// The results about one of whose values a clinician wrote something.
fn commented(patient: PatientId) -> SelectStatement {
    measurement::Entity::find()
        .select_only()
        .column(measurement::Column::ResultId)
        .filter(measurement::Column::PatientId.eq(patient.0))
        .filter(measurement::Column::ResultId.is_not_null())
        .filter(measurement::Column::Comment.is_not_null())
        .into_query()
}

/// Of notes, those that are not the text of a result that waits: without a statement of its own.
pub fn notes(patient: PatientId, now: DateTime<Utc>, zone: Tz) -> Condition {
    Condition::all().add(note::Column::ResourceId.not_in_subquery(held(patient, now, zone)))
}

/// Of the health summary's items, those that are not the file of a result that waits: without a statement of its own.
pub fn items(patient: PatientId, now: DateTime<Utc>, zone: Tz) -> Condition {
    Condition::all().add(health_item::Column::Id.not_in_subquery(held(patient, now, zone)))
}

/// [`notes`] for whoever reads a chart now.
pub fn notes_for<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Condition {
    notes(grant.patient(), grant.now().instant, grant.zone())
}

/// [`items`] for whoever reads a chart now.
pub fn items_for<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Condition {
    items(grant.patient(), grant.now().instant, grant.zone())
}

/// The results of a chart that wait, as its owner chose: the opposite of [`Release::results`].
fn held(patient: PatientId, now: DateTime<Utc>, zone: Tz) -> SelectStatement {
    let waits = [Choice::Comment, Choice::Day].into_iter().fold(Condition::any(), |any, choice| {
        let Some(until) = shown_until(choice, now, zone) else { return any };
        let held = Condition::all().add(result_choice::Column::Choice.eq(choice)).add(test_result::Column::AvailableAt.gt(until));
        any.add(if choice == Choice::Comment { held.add(test_result::Column::Id.not_in_subquery(commented(patient))) } else { held })
    });
    let of_kind = Expr::col((result_choice::Entity, result_choice::Column::Kind)).equals((test_result::Entity, test_result::Column::Kind));
    // SQLite reads a cross join in the order in which it is written: the few choices first, and without one no result at all.
    Query::select()
        .column((test_result::Entity, test_result::Column::Id))
        .from(result_choice::Entity)
        .cross_join(test_result::Entity)
        .and_where(of_kind)
        .and_where(result_choice::Column::PatientId.eq(patient.0))
        .and_where(test_result::Column::PatientId.eq(patient.0))
        .cond_where(waits)
        .to_owned()
}

/// Results that could be shown until then, are shown; `None` when all are.
pub fn shown_until(choice: Choice, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    match choice {
        Choice::Now => None,
        Choice::Comment => Some(now - TimeDelta::days(MOST_DAYS)),
        Choice::Day => {
            let local = now.with_timezone(&zone);
            let evening = match local.hour() {
                hour if hour >= NIGHT_FROM => local.date_naive(),
                hour if hour < NIGHT_UNTIL => local.date_naive().pred_opt()?,
                _ => return None,
            };
            let start = evening.and_time(NaiveTime::from_hms_opt(NIGHT_FROM, 0, 0)?);
            Some(zone.from_local_datetime(&start).earliest()?.with_timezone(&Utc))
        }
    }
}

/// What is chosen for each kind; as soon as ready where nothing was.
///
/// # Errors
/// When the database fails.
pub async fn chosen(grant: &Grant<ViewResults>) -> Result<Vec<(Kind, Choice)>, Error> {
    let rows = result_choice::Entity::find().filter(result_choice::Column::PatientId.eq(grant.patient().0)).all(grant.db()).await?;
    let of = |kind: Kind| rows.iter().find(|row| row.kind == kind).map_or(Choice::Now, |row| row.choice);
    Ok(Kind::RELEASED.iter().map(|kind| (*kind, of(*kind))).collect())
}

/// # Errors
/// When the database fails.
pub async fn choose(grant: &Grant<ChooseResultTiming>, choices: &[(Kind, Choice)]) -> Result<(), Error> {
    let account = grant.holder()?.account.0;
    let rows = choices.iter().map(|(kind, choice)| result_choice::ActiveModel {
        patient_id: Set(grant.patient().0),
        kind: Set(*kind),
        choice: Set(*choice),
        account_id: Set(account),
        chosen_at: Set(grant.now().instant),
    });
    let conflict = OnConflict::columns([result_choice::Column::PatientId, result_choice::Column::Kind])
        .update_columns([result_choice::Column::Choice, result_choice::Column::AccountId, result_choice::Column::ChosenAt])
        .to_owned();
    result_choice::Entity::insert_many(rows).on_conflict(conflict).exec_without_returning(grant.db()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    #[test]
    fn the_night_holds_back_what_came_in_it() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let nine_pm = Some(at("2026-11-25T02:00:00Z"));
        assert_eq!(shown_until(Choice::Day, at("2026-11-25T02:00:00Z"), New_York), nine_pm);
        assert_eq!(shown_until(Choice::Day, at("2026-11-25T11:59:59Z"), New_York), nine_pm, "6:59 am");
        assert_eq!(shown_until(Choice::Day, at("2026-11-25T12:00:00Z"), New_York), None, "7 am");
        assert_eq!(shown_until(Choice::Day, at("2026-11-25T01:59:59Z"), New_York), None, "8:59 pm");
    }

    #[test]
    fn nobody_waits_for_a_comment_for_more_than_five_days() {
        let now = "2026-11-25T12:00:00Z".parse::<DateTime<Utc>>().expect("an instant");
        assert_eq!(shown_until(Choice::Comment, now, New_York), "2026-11-20T12:00:00Z".parse().ok());
        assert_eq!(shown_until(Choice::Now, now, New_York), None);
    }
}
