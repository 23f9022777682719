//! How far a check-in is, in lists of visits.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use uuid::Uuid;

use super::{
    model::{Arriving, Progress, Step, arriving},
    store::{CheckIn, ask_open},
};
use crate::{
    access::{
        Grant,
        policy::{CheckIn as MayCheckIn, ViewVisits},
    },
    base::i18n::{Texts, param},
    platform::batch::{Batch, Rows},
    record::visit::entity::visit,
};

/// The name of a step.
pub fn title(t: Texts, step: Step) -> &'static str {
    match step {
        Step::Personal => t.check_in_step_personal(),
        Step::Insurance => t.check_in_step_insurance(),
        Step::Medications => t.check_in_step_medications(),
        Step::Allergies => t.check_in_step_allergies(),
        Step::Forms => t.check_in_step_forms(),
        Step::Consents => t.check_in_step_consents(),
        Step::Payment => t.check_in_step_payment(),
        Step::Plan => t.check_in_step_plan(),
    }
}

/// Whether nothing is asked of anybody, what stands on the way to it, and its page below that of the visit.
pub fn in_words(t: Texts, found: &CheckIn, now: DateTime<Utc>) -> (bool, String, String) {
    let (arrive, check_in) = ("arrive".to_owned(), "check-in".to_owned());
    if found.is_waiting() {
        return match found.arrival.as_ref().filter(|there| there.called_at.is_some()) {
            Some(_) => (false, t.check_in_come_in().to_owned(), arrive),
            None => (true, t.check_in_tag_here().to_owned(), arrive),
        };
    }
    if arriving(&found.facts(), &found.office.rules, now) == Arriving::Open {
        return (false, t.check_in_here().to_owned(), arrive);
    }
    match found.progress() {
        Progress::Open => (false, t.check_in_task().to_owned(), check_in),
        Progress::Begun(done, all) => {
            (false, t.check_in_go_on_with(param::All(&all.to_string()), param::Done(&done.to_string())), check_in)
        }
        Progress::Done => (true, t.check_in_tag_done().to_owned(), check_in),
    }
}

/// Asks for the check-ins of visits of a chart that are open, and of those where somebody waits, for whoever may do something about
/// them.
pub fn ask(
    batch: &mut Batch,
    grant: &Grant<ViewVisits>,
    visits: &[&visit::Model],
) -> impl FnOnce(&mut Rows) -> Result<HashMap<Uuid, CheckIn>, DbErr> + use<> {
    let visits = if grant.would_allow::<MayCheckIn>(&grant.patient()) { visits } else { &[] };
    ask_open(batch, visits, grant.now().instant, grant.zone())
}
