//! One growth chart.

use super::{
    measured::{LAST_OF_WHO, Taken},
    reference::{CDC_FROM, CDC_TO, Measure, Reference, Sex},
    words::{age_in_words, percentile_in_words, short},
};
use crate::{
    base::i18n::Texts,
    view::charts::{Point, Series, line_chart},
};

/// The z-scores of the curves, and their percentiles.
const CURVES: [(f64, u8); 5] = [(-1.6449, 5), (-0.6745, 25), (0.0, 50), (0.6745, 75), (1.6449, 95)];

/// The curves of a reference and what was measured; `None` when nothing was.
pub(super) fn chart(
    t: Texts,
    reference: Reference,
    measure: Measure,
    sex: Option<Sex>,
    name: &str,
    unit: &str,
    found: &[Taken],
) -> Option<String> {
    let last = found.last()?.months;
    let (from, to) = match reference {
        Reference::Who => (0.0, CDC_FROM),
        // The next years too, so that one sees where the curves go.
        Reference::Cdc => (CDC_FROM, ((last / 12.0).ceil() * 12.0 + 24.0).clamp(72.0, CDC_TO)),
    };
    let mut series: Vec<Series> = Vec::new();
    for (z, percent) in CURVES.into_iter().filter(|_| sex.is_some()) {
        let step = (to - from) / 48.0;
        let points = (0..=48u8)
            .map(|index| (from + step * f64::from(index)).min(if reference == Reference::Who { LAST_OF_WHO } else { CDC_TO }))
            .filter_map(|months| Some(Point { x: months, y: reference.value(measure, sex?, months, z)?, says: String::new(), open: None }))
            .collect::<Vec<_>>();
        if !points.is_empty() {
            series.push(Series { name: percent.to_string(), points, band: None, reference: true });
        }
    }
    let points = found.iter().map(|taken| {
        let standing = sex.and_then(|sex| reference.standing(measure, sex, taken.months, taken.value));
        let age = age_in_words(t, taken.age);
        let measured = format!("{}, {age}: {} {unit}", t.date(taken.day), short(taken.value));
        let says = standing.map_or(measured.clone(), |standing| format!("{measured}, {}", percentile_in_words(t, standing)));
        Point { x: taken.months, y: taken.value, says, open: None }
    });
    series.push(Series { name: name.to_owned(), points: points.collect(), band: None, reference: false });
    let ticks = match reference {
        Reference::Who => [0.0, 6.0, 12.0, 18.0, 24.0].map(|months| (months, t.growth_months(&short(months)))).to_vec(),
        Reference::Cdc => {
            let years = [2u8, 4, 6, 8, 10, 12, 14, 16, 18, 20];
            let shown = years.into_iter().map(|years| (f64::from(years) * 12.0, t.growth_years(&years.to_string())));
            shown.filter(|(months, _)| *months <= to).collect()
        }
    };
    line_chart(&format!("{name}, {unit}"), &series, &ticks)
}
