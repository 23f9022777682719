//! What pages of patients and of staff say alike.

use std::collections::HashMap;

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;

use super::{
    entity::{visit_kind, visit_request},
    model::{DayPart, HowSoon, RequestState, Window},
    windows::windows_of,
};
use crate::{
    base::{
        i18n::{Texts, param},
        locale::Locale,
        money::price,
    },
    record::visit::model::Kind as Way,
    view::{document::Part, sections::Tag},
};

/// The name of the box of a day, 0 is Monday.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The days whose boxes are ticked, a bit for each, Monday the lowest.
pub fn weekdays(boxes: &HashMap<String, String>) -> i32 {
    let ticked = |name: &&str| boxes.get(*name).is_some_and(|ticked| ticked == "true");
    DAYS.iter().enumerate().filter(|(_, name)| ticked(name)).map(|(index, _)| 1 << index).sum()
}

/// The name of a day; 0 is Monday.
pub fn weekday(t: Texts, index: usize) -> &'static str {
    let names = [
        t.appointments_monday(),
        t.appointments_tuesday(),
        t.appointments_wednesday(),
        t.appointments_thursday(),
        t.appointments_friday(),
        t.appointments_saturday(),
        t.appointments_sunday(),
    ];
    names.get(index).copied().unwrap_or_default()
}

pub fn part(t: Texts, part: DayPart) -> &'static str {
    match part {
        DayPart::Morning => t.appointments_morning(),
        DayPart::Afternoon => t.appointments_afternoon(),
        DayPart::Evening => t.appointments_evening(),
    }
}

pub fn part_of(at: DateTime<Utc>, zone: &Tz) -> DayPart {
    DayPart::of_hour(at.with_timezone(zone).hour())
}

pub fn how_soon(t: Texts, soon: HowSoon) -> &'static str {
    match soon {
        HowSoon::Soon => t.appointments_soon(),
        HowSoon::Weeks => t.appointments_weeks(),
        HowSoon::Any => t.appointments_any_time(),
    }
}

pub fn way(t: Texts, way: Way) -> Option<&'static str> {
    match way {
        Way::Video => Some(t.visits_by_video()),
        Way::Phone => Some(t.visits_by_phone()),
        _ => None,
    }
}

/// "30 minutes · by video · about $120.00 without insurance".
pub fn about_kind(t: Texts, kind: &visit_kind::Model) -> String {
    let minutes = t.visits_minutes(&kind.minutes.to_string());
    let costs = kind.price_cents.map(|cents| t.appointments_price(&price(cents)));
    [Some(minutes), way(t, kind.way).map(str::to_owned), costs].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// "December 7 to December 11, 2026, in the morning".
pub fn window(t: Texts, window: &Window) -> String {
    let days = if window.from == window.until {
        t.long_date(window.from)
    } else {
        t.appointments_from_to(param::From(&t.long_date(window.from)), param::Until(&t.long_date(window.until)))
    };
    window.part.map_or(days.clone(), |found| format!("{days} · {}", part(t, found)))
}

/// Where a request stands, in a word.
pub fn request_state(t: Texts, request: &visit_request::Model, now: DateTime<Utc>) -> Tag {
    match request.state {
        RequestState::Requested if request.due_at < now => Tag::warning(t.appointments_state_overdue()),
        RequestState::Requested if request.seen_at.is_some() => Tag::neutral(t.appointments_state_seen()),
        RequestState::Requested => Tag::neutral(t.appointments_state_requested()),
        RequestState::Offered => Tag::warning(t.appointments_state_offered()),
        RequestState::Booked => Tag::good(t.appointments_state_booked()),
        RequestState::Declined => Tag::warning(t.appointments_state_declined()),
        RequestState::Withdrawn => Tag::muted(t.appointments_state_withdrawn()),
    }
}

/// What was asked for.
pub fn asked(t: Texts, request: &visit_request::Model, clinical: bool) -> Part {
    let windows: Vec<String> = windows_of(request).iter().map(|found| window(t, found)).collect();
    Part::facts([
        (t.appointments_reason(), Some(request.reason.clone()).filter(|_| clinical)),
        (t.appointments_how_soon(), Some(how_soon(t, request.how_soon).to_owned())),
        (t.appointments_windows(), Some(windows.join("; ")).filter(|words| !words.is_empty())),
        (t.appointments_contact(), Some(request.contact.clone()).filter(|_| clinical)),
        (t.appointments_needs(), Some(request.needs.clone()).filter(|words| clinical && !words.is_empty())),
    ])
}

/// Why somebody calls a visit off, in the words of a language.
pub fn reason_in_words(t: Texts, reason: &str) -> Option<&'static str> {
    Some(match reason {
        "time" => t.appointments_off_time(),
        "better" => t.appointments_off_better(),
        "sick" => t.appointments_off_sick(),
        "elsewhere" => t.appointments_off_elsewhere(),
        "cost" => t.appointments_off_cost(),
        "other" => t.appointments_off_other(),
        _ => return None,
    })
}

/// The codes of these reasons.
pub const REASONS: [&str; 6] = ["time", "better", "sick", "elsewhere", "cost", "other"];

/// Why a visit was called off, as it is stored: what was chosen from the list is told in the reader's language.
pub fn reason_for(t: Texts, stored: &str) -> String {
    for code in REASONS {
        for locale in [Locale::En, Locale::Es] {
            let Some(said) = reason_in_words(Texts(locale), code) else { continue };
            match stored.strip_prefix(said) {
                Some("") => return reason_in_words(t, code).unwrap_or(said).to_owned(),
                Some(rest) if rest.starts_with(": ") => return format!("{}{rest}", reason_in_words(t, code).unwrap_or(said)),
                _ => {}
            }
        }
    }
    stored.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_the_list_is_told_in_the_readers_language() {
        let (en, es) = (Texts(Locale::En), Texts(Locale::Es));
        assert_eq!(reason_for(es, "Too sick to come"), es.appointments_off_sick());
        assert_eq!(reason_for(en, &format!("{}: fiebre", es.appointments_off_sick())), "Too sick to come: fiebre");
        assert_eq!(reason_for(es, "Too sick to come today"), "Too sick to come today");
    }
}
