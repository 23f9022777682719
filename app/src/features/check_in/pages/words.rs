//! What several pages say.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::EntityTrait;

use crate::{
    access::Grant,
    access::Permission,
    base::{
        error::Error,
        i18n::{Texts, param},
    },
    desk::{
        check_in::{
            entity::check_in_step,
            model::{Closed, Progress, Step, Window},
            store::CheckIn,
            words::title,
        },
        office::words::author,
        scheduling::{act::kind_of, kinds},
    },
    record::care_team::entity::department,
    view::sections::Tag,
};

/// The name of a step for whoever checks somebody in.
pub fn staff_title(t: Texts, step: Step) -> &'static str {
    if step == Step::Plan { t.check_in_step_plan_of_theirs() } else { title(t, step) }
}

/// How a step that is done stands. What differs needs the office, not the patient.
pub fn done_tag(t: Texts, row: &check_in_step::Model, for_office: bool) -> Tag {
    match row.step {
        // It is asked while something is due: what was paid is not asked any more.
        Step::Payment => Tag::neutral(t.check_in_tag_not_paid()),
        Step::Consents if row.told => Tag::warning(t.check_in_tag_declined()),
        // A phone number to call is no change of the record.
        Step::Plan => Tag::good(t.check_in_tag_step_done()),
        _ if row.told && for_office => Tag::warning(t.check_in_tag_told()),
        _ if row.told => Tag::good(t.check_in_tag_told()),
        _ => Tag::good(t.check_in_tag_step_done()),
    }
}

/// Who did a step and when, and whether something differs.
pub fn done(t: Texts, row: &check_in_step::Model, given: &str, zone: &Tz) -> String {
    let by = author(t, &row.author, row.role.as_deref(), given);
    let at = row.done_at.map(|at| t.date_and_time(at, zone)).unwrap_or_default();
    let (at, by) = (param::At(&at), param::By(&by));
    match row.step {
        Step::Payment => t.check_in_not_paid_by(at, by),
        Step::Plan | Step::Consents => t.check_in_done_by(at, by),
        _ if row.told => t.check_in_told_by(at, by),
        _ => t.check_in_done_by(at, by),
    }
}

pub fn progress(t: Texts, progress: Progress) -> Tag {
    match progress {
        Progress::Open => Tag::warning(t.check_in_tag_open()),
        Progress::Begun(done, all) => Tag::warning(t.check_in_tag_begun(param::All(&all.to_string()), param::Done(&done.to_string()))),
        Progress::Done => Tag::good(t.check_in_tag_done()),
    }
}

/// Why nobody checks in now, and what to do instead.
pub fn closed(t: Texts, why: Closed, phone: Option<&str>) -> Vec<String> {
    let call = phone.map(|phone| t.check_in_call(phone));
    let says = match why {
        Closed::NotHere => t.check_in_not_here(),
        Closed::NotBooked => t.check_in_not_booked(),
        Closed::Cancelled => t.check_in_cancelled(),
        Closed::Arrived => return vec![t.check_in_arrived_already().to_owned()],
        Closed::Over => t.check_in_over(),
    };
    [Some(says.to_owned()), call].into_iter().flatten().collect()
}

/// Why a step cannot be done now.
pub fn not_open(t: Texts, window: Window, phone: Option<&str>, zone: &Tz) -> Vec<String> {
    match window {
        Window::Opens(at) => vec![t.check_in_opens(&t.date_and_time(at, zone))],
        Window::Open(_) => Vec::new(),
        Window::Closed(why) => closed(t, why, phone),
    }
}

/// The name of a visit, its place, and when it is.
///
/// # Errors
/// When the database fails.
pub async fn about<P: Permission>(grant: &Grant<P>, found: &CheckIn) -> Result<(String, Option<department::Model>, String), Error> {
    let t = grant.texts();
    let kind = kind_of(grant.db(), found.booking.as_ref()).await?;
    let name = kind.map_or_else(|| found.visit.title.clone(), |kind| kinds::name(t, &kind).to_owned());
    let place = match found.visit.department_id {
        Some(id) => department::Entity::find_by_id(id).one(grant.db()).await?,
        None => None,
    };
    let at = |at: DateTime<Utc>| t.date_and_time(at, &grant.zone());
    Ok((name, place, found.visit.starts_at.map(at).unwrap_or_default()))
}
