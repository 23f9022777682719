//! When somebody who asks for a visit has time.

use chrono::{NaiveDate, TimeDelta};

use super::{
    entity::visit_request,
    free::HORIZON_DAYS,
    model::{DayPart, Window},
    problem,
};
use crate::base::{error::Problem, why::Why};

/// So many windows of time are named.
pub const WINDOWS: usize = 3;

/// The windows that were named, or what is wrong with them.
pub fn windows(typed: &[(&str, &str, &str); WINDOWS], today: NaiveDate, problems: &mut Vec<Problem>) -> Vec<Window> {
    let mut found = Vec::new();
    let last = today + TimeDelta::days(HORIZON_DAYS);
    for (number, (from, until, part)) in (1..).zip(typed) {
        let (from, until) = (from.trim(), until.trim());
        if from.is_empty() && until.is_empty() {
            continue;
        }
        let mut refuse = |name: &str, why: Why| problems.push(Problem { field: format!("{name}{number}"), why });
        let Ok(first) = from.parse::<NaiveDate>() else {
            refuse("from", if from.is_empty() { Why::MISSING } else { Why::NOT_A_DATE });
            continue;
        };
        let end = if until.is_empty() { Ok(first) } else { until.parse::<NaiveDate>() };
        match end {
            Err(_) => refuse("until", Why::NOT_A_DATE),
            Ok(_) if first < today => refuse("from", Why::OVER),
            Ok(end) if end < first => refuse("until", problem::ENDS_BEFORE),
            Ok(end) if end > last => refuse("until", Why::NOT_A_DATE),
            Ok(end) => {
                let part = DayPart::ALL.iter().copied().find(|known| known.as_str() == *part);
                found.push(Window { from: first, until: end, part });
            }
        }
    }
    found
}

/// The windows of a request.
pub fn windows_of(request: &visit_request::Model) -> Vec<Window> {
    serde_json::from_str(&request.windows).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_days_to_come_and_each_fault_stands_at_its_field() {
        let today: NaiveDate = "2026-11-30".parse().expect("a date");
        let read = |typed: [(&str, &str, &str); WINDOWS]| {
            let mut problems = Vec::new();
            let found = windows(&typed, today, &mut problems);
            (found, problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>())
        };
        let (found, problems) = read([("2026-12-01", "2026-12-05", "morning"), ("2026-12-24", "", ""), ("", "", "evening")]);
        assert!(problems.is_empty());
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].part, found[1].until), (Some(DayPart::Morning), found[1].from));
        let faults = [("2026-11-29", "", ""), ("2026-12-05", "2026-12-01", ""), ("", "2026-12-01", "")];
        assert_eq!(read(faults).1, ["from1", "until2", "from3"]);
        assert_eq!(
            read([("tomorrow", "", ""), ("2026-12-01", "x", ""), ("2026-12-01", "2090-01-01", "")]).1,
            ["from1", "until2", "until3"]
        );
    }
}
