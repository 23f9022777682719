use chrono::TimeDelta;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{Grant, policy::ViewVisits},
    base::{error::Error, i18n::param},
    desk::scheduling::{
        book::slot_value,
        entity::{booking, visit_kind},
        free::{Search, first_free},
        kinds,
    },
    features::appointments::api,
    people::relation::StaffRole,
    view::{
        choice_buttons::{ButtonGroup, ChoiceButtons},
        form::PostForm,
        sections::Section,
    },
};

/// So many times are shown after the office called a visit off.
const NEXT_TIMES: usize = 6;

/// Whether the office called it off.
pub fn by_office(booking: Option<&booking::Model>) -> bool {
    let role = booking.and_then(|booking| booking.cancelled_role.as_deref());
    role.is_some_and(|role| StaffRole::ALL.iter().any(|found| found.as_str() == role))
}

/// The next times of the same kind, each a button that holds it.
///
/// # Errors
/// When the database fails.
pub async fn next_times(grant: &Grant<ViewVisits>, kind: Option<&visit_kind::Model>) -> Result<Option<AnyView>, Error> {
    let Some(kind) = kind else { return Ok(None) };
    let (t, zone, now, patient) = (grant.texts(), grant.zone(), grant.now().instant, grant.patient());
    let found = match kinds::kind_for(grant, kind.id).await {
        Ok(found) => found,
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let at = found.direct();
    let from = now + TimeDelta::hours(kind.lead_hours.into());
    let search = Search { kind: kind.id, minutes: kind.minutes, at: &at, from, until: from, except: None };
    let slots = first_free(grant.db(), search, now, zone, |_| true).await?;
    let buttons: Vec<_> = slots
        .iter()
        .take(NEXT_TIMES)
        .map(|slot| {
            let (at, who) = (t.date_and_time(slot.starts_at, &zone), found.who(slot.clinician, slot.department));
            let spoken = t.appointments_spoken(param::At(&at), param::Who(who.map(|who| who.clinician.name.as_str()).unwrap_or_default()));
            (slot_value(slot), at, spoken)
        })
        .collect();
    if buttons.is_empty() {
        return Ok(None);
    }
    let groups = vec![ButtonGroup { heading: t.appointments_next_times().to_owned(), rows: vec![(String::new(), buttons)] }];
    let hidden = vec![("patient", patient.to_string()), ("kind", kind.id.to_string())];
    let shown = view! {
        <Section>
            <PostForm action=api::Hold::PATH submit="" own_buttons=true problem_at="slot" hidden>
                <ChoiceButtons name="slot" label=t.appointments_next_times() groups/>
            </PostForm>
        </Section>
    };
    Ok(Some(shown.into_any()))
}
