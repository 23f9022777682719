//! When results are shown: the moment they are final, unless the person chose otherwise for a kind of results.

use std::sync::Arc;

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

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

/// What the owners of some charts chose, at one moment.
pub struct Release {
    charts: Vec<Uuid>,
    held: Vec<Held>,
}

/// Results of one kind that wait by one choice.
struct Held {
    kind: Kind,
    choice: Choice,
    /// Those that could be shown until then, are shown.
    until: DateTime<Utc>,
    /// In which of the charts.
    charts: Vec<Uuid>,
}

impl Release {
    /// # Errors
    /// When the database fails.
    pub async fn of(db: &impl ConnectionTrait, patient: PatientId, now: DateTime<Utc>, zone: Tz) -> Result<Self, Error> {
        Self::of_charts(db, vec![patient.0], now, zone).await
    }

    /// Of several charts, at most as many as a statement takes values.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_charts(db: &impl ConnectionTrait, charts: Vec<Uuid>, now: DateTime<Utc>, zone: Tz) -> Result<Self, Error> {
        let rows = result_choice::Entity::find().filter(result_choice::Column::PatientId.is_in(charts.iter().copied())).all(db).await?;
        let mut held: Vec<Held> = Vec::new();
        for row in rows {
            let Some(until) = shown_until(row.choice, now, zone) else { continue };
            match held.iter_mut().find(|held| held.kind == row.kind && held.choice == row.choice) {
                Some(held) => held.charts.push(row.patient_id),
                None => held.push(Held { kind: row.kind, choice: row.choice, until, charts: vec![row.patient_id] }),
            }
        }
        Ok(Self { charts, held })
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
        self.but_held(note::Column::ResourceId)
    }

    /// Of the health summary's items, those that are not the file of a result that waits.
    pub fn items(&self) -> Condition {
        self.but_held(health_item::Column::Id)
    }

    fn but_held(&self, column: impl ColumnTrait) -> Condition {
        if self.held.is_empty() {
            return Condition::all();
        }
        let held = test_result::Entity::find()
            .select_only()
            .column(test_result::Column::Id)
            .filter(within(test_result::Column::PatientId, &self.charts))
            .filter(self.results().not())
            .into_query();
        Condition::all().add(column.not_in_subquery(held))
    }

    /// Whether there is anything that might wait.
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Of results, those that are shown.
    pub fn results(&self) -> Condition {
        self.held.iter().fold(Condition::all(), |all, held| {
            let open = Condition::any().add(test_result::Column::Kind.ne(held.kind)).add(test_result::Column::AvailableAt.lte(held.until));
            let open = self.elsewhere(held, test_result::Column::PatientId, open);
            all.add(if held.choice == Choice::Comment { open.add(test_result::Column::Id.in_subquery(self.commented())) } else { open })
        })
    }

    /// Of values, those that are shown: when they waited themselves, and when their result did.
    pub fn values(&self) -> Condition {
        if !self.holds() {
            return Condition::all();
        }
        let with_result =
            Condition::any().add(measurement::Column::ResultId.is_null()).add(measurement::Column::ResultId.in_subquery(self.released()));
        self.held.iter().fold(Condition::all().add(with_result), |all, held| {
            let open = Condition::any().add(measurement::Column::Kind.ne(held.kind)).add(measurement::Column::AvailableAt.lte(held.until));
            let open = self.elsewhere(held, measurement::Column::PatientId, open);
            all.add(if held.choice == Choice::Comment {
                open.add(measurement::Column::ResultId.in_subquery(self.commented()))
            } else {
                open
            })
        })
    }

    /// What is in a chart whose owner did not choose so is open too.
    fn elsewhere(&self, held: &Held, column: impl ColumnTrait, open: Condition) -> Condition {
        if held.charts.len() == self.charts.len() { open } else { open.add(column.is_not_in(held.charts.iter().copied())) }
    }

    /// The results of these charts that are shown.
    fn released(&self) -> SelectStatement {
        test_result::Entity::find()
            .select_only()
            .column(test_result::Column::Id)
            .filter(within(test_result::Column::PatientId, &self.charts))
            .filter(self.results())
            .into_query()
    }

    fn commented(&self) -> SelectStatement {
        commented(&self.charts)
    }
}

/// The results of some charts about one of whose values a clinician wrote something.
fn commented(charts: &[Uuid]) -> SelectStatement {
    measurement::Entity::find()
        .select_only()
        .column(measurement::Column::ResultId)
        .filter(within(measurement::Column::PatientId, charts))
        .filter(measurement::Column::ResultId.is_not_null())
        .filter(measurement::Column::Comment.is_not_null())
        .into_query()
}

fn within(column: impl ColumnTrait, charts: &[Uuid]) -> SimpleExpr {
    match charts {
        [chart] => column.eq(*chart),
        _ => column.is_in(charts.iter().copied()),
    }
}

/// Results that waited at `since` by a choice of their owners, and at `until` wait no longer: whose, and whether sensitive. One that
/// a clinician has commented on did not wait for the end of its days.
///
/// # Errors
/// When the database fails.
pub async fn over(db: &impl ConnectionTrait, since: DateTime<Utc>, until: DateTime<Utc>, zone: Tz) -> Result<Vec<(Uuid, bool)>, Error> {
    let mut found = Vec::new();
    for choice in [Choice::Day, Choice::Comment] {
        let Some(held_from) = shown_until(choice, since, zone) else { continue };
        let shown = shown_until(choice, until, zone).unwrap_or(until);
        let chosen = result_choice::Entity::find()
            .select_only()
            .expr(Expr::val(1))
            .filter(
                Expr::col((result_choice::Entity, result_choice::Column::PatientId))
                    .equals((test_result::Entity, test_result::Column::PatientId)),
            )
            .filter(
                Expr::col((result_choice::Entity, result_choice::Column::Kind)).equals((test_result::Entity, test_result::Column::Kind)),
            )
            .filter(result_choice::Column::Choice.eq(choice))
            .into_query();
        let commented = measurement::Entity::find()
            .select_only()
            .expr(Expr::val(1))
            .filter(Expr::col((measurement::Entity, measurement::Column::ResultId)).equals((test_result::Entity, test_result::Column::Id)))
            .filter(measurement::Column::Comment.is_not_null())
            .into_query();
        let waited = test_result::Entity::find()
            .select_only()
            .columns([test_result::Column::PatientId, test_result::Column::Sensitive])
            .distinct()
            .filter(test_result::Column::AvailableAt.gt(held_from))
            .filter(test_result::Column::AvailableAt.lte(shown))
            .filter(Expr::exists(chosen));
        let waited = if choice == Choice::Comment { waited.filter(Expr::exists(commented).not()) } else { waited };
        found.extend(waited.into_tuple::<(Uuid, bool)>().all(db).await?);
    }
    Ok(found)
}

/// Of the results of some charts, those that do not wait: without a statement of its own.
pub fn results_for(charts: &[Uuid], now: DateTime<Utc>, zone: Tz) -> Condition {
    Condition::all().add(test_result::Column::Id.not_in_subquery(held(charts, now, zone)))
}

/// Of notes, those that are not the text of a result that waits, for whoever reads a chart now: without a statement of its own.
pub fn notes_for<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Condition {
    Condition::all().add(note::Column::ResourceId.not_in_subquery(held(&[grant.patient().0], grant.now().instant, grant.zone())))
}

/// Of the health summary's items, those that are not the file of a result that waits, for whoever reads a chart now: without a
/// statement of its own.
pub fn items_for<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Condition {
    Condition::all().add(health_item::Column::Id.not_in_subquery(held(&[grant.patient().0], grant.now().instant, grant.zone())))
}

/// The results of some charts that wait, as their owners chose: the opposite of [`Release::results`].
fn held(charts: &[Uuid], now: DateTime<Utc>, zone: Tz) -> SelectStatement {
    let waits = [Choice::Comment, Choice::Day].into_iter().fold(Condition::any(), |any, choice| {
        let Some(until) = shown_until(choice, now, zone) else { return any };
        let held = Condition::all().add(result_choice::Column::Choice.eq(choice)).add(test_result::Column::AvailableAt.gt(until));
        any.add(if choice == Choice::Comment { held.add(test_result::Column::Id.not_in_subquery(commented(charts))) } else { held })
    });
    let of_kind = Expr::col((result_choice::Entity, result_choice::Column::Kind)).equals((test_result::Entity, test_result::Column::Kind));
    let of_chart =
        Expr::col((result_choice::Entity, result_choice::Column::PatientId)).equals((test_result::Entity, test_result::Column::PatientId));
    // SQLite reads a cross join in the order in which it is written: the few choices first, and without one no result at all.
    Query::select()
        .column((test_result::Entity, test_result::Column::Id))
        .from(result_choice::Entity)
        .cross_join(test_result::Entity)
        .and_where(of_kind)
        .and_where(within(result_choice::Column::PatientId, charts))
        .and_where(within(test_result::Column::PatientId, charts))
        .and_where(of_chart)
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
