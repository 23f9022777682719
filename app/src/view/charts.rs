//! Line charts as SVG, drawn on the server: they need no script. The newest points can be reached with the keyboard and say
//! what they are; a pointer over one, or focus on it, shows the same words at the top of the chart. Older ones are drawn only:
//! nobody tabs through a thousand points, and the table behind a chart has them all.

use std::fmt::Write;

use chrono::{DateTime, Utc};

/// In user units of the view box.
const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 30.0;

/// So many points of a chart are stops of the keyboard, the newest ones.
const MOST_STOPS: usize = 60;

/// One line of a chart.
pub struct Series {
    pub name: String,
    pub points: Vec<Point>,
    /// Drawn behind the line.
    pub band: Option<(Option<f64>, Option<f64>)>,
    /// A curve to compare with: thin, without points.
    pub reference: bool,
}

/// A value of which only a bound is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    Below,
    Above,
}

pub struct Point {
    /// Days since 1970, or another measure that grows to the right.
    pub x: f64,
    pub y: f64,
    /// "January 9, 2026: 5.7 %", for the readout and for screen readers.
    pub says: String,
    /// The value is known to be below or above `y`.
    pub open: Option<Open>,
}

/// Days since 1970, with their fraction.
pub fn days(at: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a life fit into a double")]
    let seconds = at.timestamp() as f64;
    seconds / 86_400.0
}

/// A chart; `ticks` are the places and words under it. Nothing when there is no point.
pub fn line_chart(label: &str, series: &[Series], ticks: &[(f64, String)]) -> Option<String> {
    let all = || series.iter().flat_map(|line| &line.points);
    let (left, right) = ends(all().map(|point| point.x).chain(ticks.iter().map(|tick| tick.0)))?;
    let limits = series.iter().filter_map(|line| line.band).flat_map(|(low, high)| [low, high]).flatten();
    let (low, high) = ends(all().map(|point| point.y).chain(limits))?;
    let steps = nice_steps(low, high);
    let (bottom, top) = (steps.first().copied()?, steps.last().copied()?);
    // Curves bear their names behind their ends.
    let right_edge = if series.iter().any(|line| line.reference) { WIDTH - 34.0 } else { WIDTH - RIGHT };
    let x = |at: f64| {
        if right > left { LEFT + (at - left) / (right - left) * (right_edge - LEFT) } else { f64::midpoint(LEFT, right_edge) }
    };
    let y = |value: f64| HEIGHT - BOTTOM - (value - bottom) / (top - bottom) * (HEIGHT - TOP - BOTTOM);
    let mut svg = String::new();
    let _ = write!(svg, "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"group\" aria-label=\"{}\">", escaped(label));
    for (below, above) in series.iter().filter_map(|line| line.band) {
        let (from, to) = (y(above.unwrap_or(top)), y(below.unwrap_or(bottom)));
        let _ = write!(
            svg,
            "<rect class=\"chart__band\" x=\"{LEFT}\" y=\"{from:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            right_edge - LEFT,
            to - from
        );
    }
    for step in &steps {
        let _ = write!(
            svg,
            "<path class=\"chart__grid\" d=\"M{LEFT} {0:.1}H{1:.1}\"/><text class=\"chart__tick\" x=\"{2:.1}\" y=\"{3:.1}\" text-anchor=\"end\" aria-hidden=\"true\">{4}</text>",
            y(*step),
            right_edge,
            LEFT - 7.0,
            y(*step) + 4.5,
            number(*step)
        );
    }
    for (at, words) in ticks {
        let _ = write!(
            svg,
            "<text class=\"chart__tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" aria-hidden=\"true\">{}</text>",
            x(*at),
            HEIGHT - 8.0,
            escaped(words)
        );
    }
    for (index, line) in series.iter().enumerate() {
        let mut path = String::new();
        for (place, point) in line.points.iter().enumerate() {
            let _ = write!(path, "{}{:.1} {:.1}", if place == 0 { 'M' } else { 'L' }, x(point.x), y(point.y));
        }
        let class = if line.reference { "chart__curve".to_owned() } else { format!("chart__line chart__line--{index}") };
        let _ = write!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
    }
    for line in series.iter().filter(|line| line.reference) {
        if let Some(last) = line.points.last() {
            let _ = write!(
                svg,
                "<text class=\"chart__name\" x=\"{:.1}\" y=\"{:.1}\" aria-hidden=\"true\">{}</text>",
                x(last.x) + 9.0,
                y(last.y) + 4.5,
                escaped(&line.name)
            );
        }
    }
    let first_stop = first_stop(series);
    for (index, line) in series.iter().enumerate().filter(|(_, line)| !line.reference) {
        for point in &line.points {
            if point.x < first_stop {
                let (x, y) = (x(point.x), y(point.y));
                let _ = write!(svg, "<circle class=\"chart__dot chart__dot--{index}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
                svg.push_str(&point.open.map(|open| arrow(x, y, open)).unwrap_or_default());
                continue;
            }
            let says = escaped(&point.says);
            let open = point.open.map(|open| arrow(x(point.x), y(point.y), open)).unwrap_or_default();
            let _ = write!(
                svg,
                "<g class=\"chart__point chart__point--{index}\" tabindex=\"0\" role=\"img\" aria-label=\"{says}\"><circle class=\"chart__hit\" cx=\"{0:.1}\" cy=\"{1:.1}\" r=\"14\"/><circle cx=\"{0:.1}\" cy=\"{1:.1}\" r=\"4.5\"/>{open}<text class=\"chart__readout\" x=\"{LEFT}\" y=\"18\" aria-hidden=\"true\">{says}</text></g>",
                x(point.x),
                y(point.y)
            );
        }
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// From a bound to where the value lies.
fn arrow(x: f64, y: f64, open: Open) -> String {
    let up = if open == Open::Above { -1.0 } else { 1.0 };
    let (tip, wing) = (y + up * 17.0, y + up * 12.0);
    format!(
        "<path class=\"chart__open\" d=\"M{x:.1} {:.1}V{tip:.1}M{:.1} {wing:.1}L{x:.1} {tip:.1}L{:.1} {wing:.1}\"/>",
        y + up * 5.0,
        x - 4.0,
        x + 4.0
    )
}

/// Where the newest points begin; all of them are stops where there are few.
fn first_stop(series: &[Series]) -> f64 {
    let mut places: Vec<f64> = series.iter().filter(|line| !line.reference).flat_map(|line| &line.points).map(|point| point.x).collect();
    places.sort_by(|one, other| other.total_cmp(one));
    // Those of one moment stand and fall together.
    match (places.get(MOST_STOPS - 1).copied(), places.get(MOST_STOPS).copied()) {
        (Some(last), Some(next)) if last <= next => places.into_iter().rev().find(|place| *place > next).unwrap_or(next),
        (Some(last), Some(_)) => last,
        _ => f64::NEG_INFINITY,
    }
}

/// A value in its range: the range as a band, the value as a mark. Of a range with one end, the band runs to the edge.
/// Nothing without any end.
pub fn in_range(value: f64, low: Option<f64>, high: Option<f64>, label: &str) -> Option<String> {
    let scale = |end: f64| if end == 0.0 { 1.0 } else { end.abs() };
    // Where the band begins, how wide it is, and where the value is, in parts of the picture.
    let (from, width, place) = match (low, high) {
        (Some(low), Some(high)) if high > low => (0.25, 0.5, 0.25 + (value - low) / (high - low) * 0.5),
        (None, Some(high)) => (0.0, 0.75, 0.75 + (value - high) / scale(high) * 0.75),
        (Some(low), None) => (0.25, 0.75, 0.25 + (value - low) / scale(low) * 0.25),
        _ => return None,
    };
    // What lies far outside stops at the edge.
    let place = place.clamp(0.02, 0.98);
    Some(format!(
        "<svg class=\"range\" viewBox=\"0 0 240 22\" role=\"img\" aria-label=\"{}\"><rect class=\"range__all\" x=\"0\" y=\"8\" width=\"240\" height=\"6\" rx=\"3\"/><rect class=\"range__band\" x=\"{}\" y=\"8\" width=\"{}\" height=\"6\"/><circle class=\"range__mark\" cx=\"{:.1}\" cy=\"11\" r=\"7\"/></svg>",
        escaped(label),
        from * 240.0,
        width * 240.0,
        place * 240.0
    ))
}

fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |ends, value| match ends {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

/// Round numbers from below `low` to above `high`: 1, 2 or 5 times a power of ten apart, and never a single one.
fn nice_steps(low: f64, high: f64) -> Vec<f64> {
    let span = if high > low { high - low } else { (low.abs() / 5.0).max(1.0) };
    let raw = span / 4.0;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= raw * 0.999).unwrap_or(10.0 * power);
    let start = ((low - span * 0.05) / step).floor();
    let end = ((high + span * 0.05) / step).ceil();
    let mut steps = Vec::new();
    let mut at = start;
    while at <= end + 0.5 {
        // No axis below zero for what is never negative.
        if at >= 0.0 || low < 0.0 {
            steps.push(at * step);
        }
        at += 1.0;
    }
    steps
}

/// As short as it can be.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> Series {
        let points = points.iter().map(|(x, y)| Point { x: *x, y: *y, says: format!("<{y}>"), open: None }).collect();
        Series { name: "A".into(), points, band: Some((Some(4.0), Some(6.0))), reference: false }
    }

    #[test]
    fn steps_are_round_and_hold_all_values() {
        assert_eq!(nice_steps(0.0, 10.0), [0.0, 5.0, 10.0, 15.0]);
        let steps = nice_steps(5.7, 6.1);
        assert!(steps[0] <= 5.7 && steps[steps.len() - 1] >= 6.1 && steps.len() >= 3, "{steps:?}");
        assert!(nice_steps(98.0, 98.0).len() >= 2, "one value has an axis too");
        assert!(nice_steps(-2.0, 2.0)[0] < 0.0);
    }

    #[test]
    fn every_point_says_what_it_is_and_nothing_of_it_is_markup() {
        let svg = line_chart("A \"b\"", &[line(&[(1.0, 5.0), (2.0, 7.0)])], &[(1.0, "2025".into())]).expect("a chart");
        assert_eq!(svg.matches("tabindex=\"0\"").count(), 2);
        assert!(svg.contains("aria-label=\"&lt;7&gt;\"") && svg.contains("A &quot;b&quot;") && !svg.contains("<7>"));
        assert!(svg.contains("chart__band"));
        assert_eq!(line_chart("A", &[line(&[])], &[]).map(|svg| svg.contains("chart__point")), None);
    }

    #[test]
    fn an_open_end_is_drawn_from_its_bound_the_way_it_is_open() {
        let mut values = line(&[(1.0, 5.0), (2.0, 7.0), (3.0, 6.0)]);
        assert!(!line_chart("A", &[line(&[(1.0, 5.0)])], &[]).expect("a chart").contains("chart__open"));
        values.points[0].open = Some(Open::Below);
        values.points[2].open = Some(Open::Above);
        let svg = line_chart("A", &[values], &[]).expect("a chart");
        assert_eq!(svg.matches("chart__open").count(), 2, "{svg}");
    }

    #[test]
    fn only_the_newest_of_many_points_are_stops_of_the_keyboard() {
        let points: Vec<(f64, f64)> = (0..1000).map(|day| (f64::from(day), 5.0)).collect();
        let svg = line_chart("A", &[line(&points)], &[]).expect("a chart");
        assert_eq!((svg.matches("tabindex").count(), svg.matches("chart__dot--0").count()), (60, 940));
        // Of two lines that were measured at the same moments, whole moments.
        let svg = line_chart("A", &[1, 2, 3, 4, 5, 6, 7].map(|_| line(&points)), &[]).expect("a chart");
        assert_eq!(svg.matches("tabindex").count(), 56);
        let svg = line_chart("A", &[line(&[(1.0, 5.0); 70])], &[]).expect("a chart");
        assert_eq!(svg.matches("tabindex").count(), 70, "all at once");
    }

    #[test]
    fn a_mark_far_outside_stays_on_the_picture() {
        assert!(in_range(900.0, Some(4.0), Some(6.0), "x").expect("a picture").contains("cx=\"235.2\""));
        assert_eq!(in_range(1.0, Some(6.0), Some(6.0), "x"), None);
        assert_eq!(in_range(1.0, None, None, "x"), None);
    }

    #[test]
    fn a_range_with_one_end_is_drawn_too() {
        let most = in_range(65.0, None, Some(130.0), "x").expect("a picture");
        assert!(most.contains("x=\"0\" y=\"8\" width=\"180\"") && most.contains("cx=\"90.0\""), "{most}");
        let least = in_range(44.0, Some(40.0), None, "x").expect("a picture");
        assert!(least.contains("x=\"60\" y=\"8\" width=\"180\"") && least.contains("cx=\"66.0\""), "{least}");
    }
}
