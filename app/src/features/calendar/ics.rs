//! Calendar files. Source: RFC 5545; the refresh interval, RFC 7986. Times are instants in UTC: no program has to know a time zone.

use chrono::{DateTime, Utc};

/// Octets of a line, without its end.
const LINE: usize = 75;

/// Whether an event will take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Tentative,
    Confirmed,
    Cancelled,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same for as long as there is the event.
    pub uid: String,
    /// When anything of it changed last.
    pub changed: DateTime<Utc>,
    pub start: DateTime<Utc>,
    pub end: Option<DateTime<Utc>>,
    pub summary: String,
    pub location: Option<String>,
    pub description: Option<String>,
    pub url: String,
    pub status: Status,
}

/// A calendar with these events, the same byte for byte for as long as nothing changes.
pub fn calendar(name: &str, product: &str, events: &[Event]) -> String {
    let mut lines = Lines::default();
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.text("PRODID", &format!("-//{product}//Visits//EN"));
    lines.add("CALSCALE", "GREGORIAN");
    lines.add("METHOD", "PUBLISH");
    lines.text("NAME", name);
    lines.text("X-WR-CALNAME", name);
    lines.add("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    lines.add("X-PUBLISHED-TTL", "PT1H");
    for event in events {
        let changed = instant(event.changed);
        lines.add("BEGIN", "VEVENT");
        lines.text("UID", &event.uid);
        lines.add("DTSTAMP", &changed);
        lines.add("LAST-MODIFIED", &changed);
        lines.add("SEQUENCE", &sequence(event.changed).to_string());
        lines.add("DTSTART", &instant(event.start));
        if let Some(end) = event.end.filter(|end| *end > event.start) {
            lines.add("DTEND", &instant(end));
        }
        lines.text("SUMMARY", &event.summary);
        if let Some(place) = &event.location {
            lines.text("LOCATION", place);
        }
        if let Some(words) = &event.description {
            lines.text("DESCRIPTION", words);
        }
        lines.add("URL", &event.url);
        let status = match event.status {
            Status::Tentative => "TENTATIVE",
            Status::Confirmed => "CONFIRMED",
            Status::Cancelled => "CANCELLED",
        };
        lines.add("STATUS", status);
        lines.add("END", "VEVENT");
    }
    lines.add("END", "VCALENDAR");
    lines.0
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Grows with every change: seconds since the beginning of 2020. RFC 5545 has integers of 32 bits.
fn sequence(changed: DateTime<Utc>) -> i64 {
    const BEGINNING: i64 = 1_577_836_800;
    (changed.timestamp() - BEGINNING).clamp(0, i64::from(i32::MAX))
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A value of type TEXT.
    fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::new();
        for letter in value.replace("\r\n", "\n").chars() {
            match letter {
                '\\' | ';' | ',' => escaped.extend(['\\', letter]),
                '\n' | '\r' => escaped.push_str("\\n"),
                letter if letter.is_control() => escaped.push(' '),
                letter => escaped.push(letter),
            }
        }
        self.add(name, &escaped);
    }

    /// A line, folded between letters so that no part is longer than it may be.
    fn add(&mut self, name: &str, value: &str) {
        let mut room = LINE;
        for letter in format!("{name}:{value}").chars() {
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE - 1;
            }
            room -= letter.len_utf8();
            self.0.push(letter);
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn event(summary: &str) -> Event {
        Event {
            uid: "1@portal.example".into(),
            changed: at("2026-11-01T06:30:00Z"),
            start: at("2026-11-01T14:00:00Z"),
            end: Some(at("2026-11-01T14:30:00Z")),
            summary: summary.into(),
            location: None,
            description: None,
            url: "https://portal.example/p/1/visits".into(),
            status: Status::Confirmed,
        }
    }

    #[test]
    fn lines_end_as_they_must_and_none_is_longer_than_75_octets() {
        let long = "Überweisung und Kontrolle 家庭医学 ".repeat(12);
        let text = calendar("MyChart", "Middlesex Health", &[Event { description: Some(long.clone()), ..event("Visit") }]);
        assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains(&format!("DESCRIPTION:{long}\r\n")));
    }

    #[test]
    fn what_has_a_meaning_in_the_format_is_escaped() {
        let text = calendar("A", "B", &[event("Blood; urine, \\ and\r\nmore\u{7}\nBEGIN:VEVENT")]);
        assert!(text.contains("SUMMARY:Blood\\; urine\\, \\\\ and\\nmore \\nBEGIN:VEVENT\r\n"), "{text}");
        assert_eq!(text.matches("\r\nBEGIN:VEVENT\r\n").count(), 1);
    }

    #[test]
    fn times_are_instants_and_an_end_before_the_beginning_is_none() {
        let text = calendar("A", "B", &[event("Visit")]);
        for line in ["DTSTART:20261101T140000Z", "DTEND:20261101T143000Z", "DTSTAMP:20261101T063000Z", "LAST-MODIFIED:20261101T063000Z"] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}");
        }
        for end in [None, Some(at("2026-11-01T14:00:00Z")), Some(at("2026-11-01T13:00:00Z"))] {
            assert!(!calendar("A", "B", &[Event { end, ..event("Visit") }]).contains("DTEND"));
        }
    }

    #[test]
    fn a_change_grows_the_sequence_and_nothing_else_changes_the_text() {
        let number = |changed: &str| {
            let text = calendar("A", "B", &[Event { changed: at(changed), ..event("Visit") }]);
            let line = text.lines().find_map(|line| line.strip_prefix("SEQUENCE:")).expect("a number").to_owned();
            line.parse::<i32>().expect("32 bits")
        };
        assert!(number("2026-11-01T06:30:00Z") < number("2026-11-01T06:30:01Z"));
        assert!(number("1999-01-01T00:00:00Z") == 0 && number("2120-01-01T00:00:00Z") > 0);
        assert_eq!(calendar("A", "B", &[event("Visit")]), calendar("A", "B", &[event("Visit")]));
    }
}
