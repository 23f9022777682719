//! How often, how long and when something is taken or done, in the reader's language.

use chrono::{NaiveDate, NaiveTime, Utc};

use crate::{
    base::i18n::{Texts, param},
    record::told::day,
};

/// "2 times every day" of `2/1/d`.
pub(super) fn frequency(t: Texts, said: &str) -> Option<String> {
    let mut parts = said.split('/');
    let (times, period, unit) = (parts.next()?, parts.next()?, parts.next()?);
    let times = if times == "1" { t.health_once().to_owned() } else { t.health_times(times) };
    let every = match (unit, period) {
        ("min", "1") => t.health_every_minute().to_owned(),
        ("min", _) => t.health_every_minutes(period),
        ("h", "1") => t.health_every_hour().to_owned(),
        ("h", _) => t.health_every_hours(period),
        ("d", "1") => t.health_every_day().to_owned(),
        ("d", _) => t.health_every_days(period),
        ("wk", "1") => t.health_every_week().to_owned(),
        ("wk", _) => t.health_every_weeks(period),
        ("mo", "1") => t.health_every_month().to_owned(),
        ("mo", _) => t.health_every_months(period),
        ("a", "1") => t.health_every_year().to_owned(),
        ("a", _) => t.health_every_years(period),
        _ => return None,
    };
    Some(format!("{times} {every}"))
}

/// "10 days" of `10/d`, "5 times" of `5/times`; of two days from when to when.
pub(super) fn how_long(t: Texts, said: &str) -> Option<String> {
    if let Some((from, until)) = said.split_once("..") {
        return Some(match (day(t, from), day(t, until)) {
            (Some(from), Some(until)) => t.dates_from_to(param::From(&from), param::To(&until)),
            (Some(from), None) => t.health_since(&from),
            (None, Some(until)) => t.health_until(&until),
            (None, None) => return None,
        });
    }
    let (count, unit) = said.split_once('/')?;
    span(t, count, unit)
}

fn span(t: Texts, count: &str, unit: &str) -> Option<String> {
    Some(match (unit, count) {
        ("times", "1") => t.health_once().to_owned(),
        ("times", _) => t.health_times(count),
        ("min", "1") => t.health_one_minute().to_owned(),
        ("min", _) => t.health_minutes(count),
        ("h", "1") => t.health_one_hour().to_owned(),
        ("h", _) => t.health_hours(count),
        ("d", "1") => t.health_one_day().to_owned(),
        ("d", _) => t.health_days(count),
        ("wk", "1") => t.health_one_week().to_owned(),
        ("wk", _) => t.health_weeks(count),
        ("mo", "1") => t.health_one_month().to_owned(),
        ("mo", _) => t.health_months(count),
        ("a", "1") => t.health_one_year().to_owned(),
        ("a", _) => t.health_years(count),
        _ => return None,
    })
}

/// "4 tablet in 24 hours" of `4 tablet|24/h`.
pub(super) fn most(t: Texts, said: &str) -> Option<String> {
    let (dose, time) = said.rsplit_once('|')?;
    Some(match time {
        "dose" => t.health_most_at_once(dose),
        "life" => t.health_most_in_life(dose),
        _ => {
            let (count, unit) = time.split_once('/')?;
            t.health_most_in(param::Dose(dose), param::Time(&span(t, count, unit)?))
        }
    })
}

/// "Monday, 8:00 am, before meals (30 minutes)".
pub(super) fn when(t: Texts, said: &str) -> String {
    let one = |code: &str| -> String {
        let (minutes, event) = code.split_once('/').map_or((None, code), |(minutes, event)| (Some(minutes), event));
        let told = event_in_words(t, event).map(str::to_owned).or_else(|| weekday(t, event)).or_else(|| time(t, event));
        let told = told.or_else(|| day(t, event)).unwrap_or_else(|| event.to_owned());
        match minutes.and_then(|minutes| span(t, minutes, "min")) {
            Some(minutes) => format!("{told} ({minutes})"),
            None => told,
        }
    };
    said.split(',').map(one).collect::<Vec<_>>().join(", ")
}

/// FHIR's event-timing codes.
fn event_in_words(t: Texts, code: &str) -> Option<&'static str> {
    Some(match code.split('.').next().unwrap_or(code) {
        "MORN" => t.health_when_morning(),
        "NOON" => t.health_when_noon(),
        "AFT" => t.health_when_afternoon(),
        "EVE" => t.health_when_evening(),
        "NIGHT" => t.health_when_night(),
        "HS" => t.health_when_bedtime(),
        "PHS" => t.health_when_asleep(),
        "WAKE" => t.health_when_waking(),
        "C" => t.health_with_meals(),
        "CM" => t.health_with_breakfast(),
        "CD" => t.health_with_lunch(),
        "CV" => t.health_with_dinner(),
        "AC" => t.health_before_meals(),
        "ACM" => t.health_before_breakfast(),
        "ACD" => t.health_before_lunch(),
        "ACV" => t.health_before_dinner(),
        "PC" => t.health_after_meals(),
        "PCM" => t.health_after_breakfast(),
        "PCD" => t.health_after_lunch(),
        "PCV" => t.health_after_dinner(),
        _ => return None,
    })
}

fn weekday(t: Texts, code: &str) -> Option<String> {
    let place = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|day| *day == code)?;
    t.dates_weekdays().split('|').nth(place).map(str::to_owned)
}

fn time(t: Texts, said: &str) -> Option<String> {
    let time: NaiveTime = said.parse().ok()?;
    Some(t.time(NaiveDate::default().and_time(time).and_utc(), &Utc))
}

#[cfg(test)]
mod tests {
    use super::super::in_words;
    use crate::{
        base::i18n::{Locale, Texts},
        record::item::model::{Fact, What},
    };

    const EN: Texts = Texts(Locale::En);
    const ES: Texts = Texts(Locale::Es);

    fn told(t: Texts, what: What, said: &str) -> String {
        in_words(t, &Fact::new(what, said))
    }

    #[test]
    fn frequencies_are_told_in_words() {
        for (said, english) in [
            ("1/1/d", "once every day"),
            ("2/8/h", "2 times every 8 hours"),
            ("1/4–6/h", "once every 4–6 hours"),
            ("1–2/1/d", "1–2 times every day"),
            ("1/1/a", "once every year"),
            ("at will", "at will"),
        ] {
            assert_eq!(told(EN, What::Frequency, said), english);
        }
        assert_eq!(told(ES, What::Frequency, "4/1/d"), "4 veces al día");
    }

    #[test]
    fn spans_and_limits_are_told_in_words() {
        assert_eq!(told(EN, What::HowLong, "10/d"), "10 days");
        assert_eq!(told(ES, What::HowLong, "1/wk"), "1 semana");
        assert_eq!(told(EN, What::HowLong, "2008-04-05.."), "Since April 5, 2008");
        assert_eq!(told(EN, What::HowLong, "2026-03..2027"), "March 2026 to 2027");
        assert_eq!(told(EN, What::Most, "4 tablet|24/h"), "4 tablet in 24 hours");
        assert_eq!(told(ES, What::Most, "2 mg/kg|dose"), "2 mg/kg por toma");
        assert_eq!(told(EN, What::AsNeeded, "Pain"), "Pain");
        assert_eq!(told(ES, What::AsNeeded, "yes"), "Sí");
    }

    #[test]
    fn times_of_day_are_told_in_words() {
        assert_eq!(told(EN, What::When, "mon,08:00:00,30/AC"), "Monday, 8:00\u{a0}am, before meals (30 minutes)");
        assert_eq!(told(ES, What::When, "HS"), "al acostarse");
        assert_eq!(told(EN, What::When, "MORN.early"), "in the morning");
        assert_eq!(told(EN, What::When, "2026-03-04,XYZ"), "March 4, 2026, XYZ");
    }
}
