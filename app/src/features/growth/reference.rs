//! The growth references of the WHO and the CDC: where a child's measurement stands among children of the same age and sex.

use std::sync::LazyLock;

/// The WHO standards hold below this age in months, the CDC charts from it on. Source: MMWR 2010; 59 (RR-9).
pub const CDC_FROM: f64 = 24.0;
/// The CDC charts end here, in months.
pub const CDC_TO: f64 = 240.0;
/// Days in a month, as both references count. Source: CDC and WHO growth programs.
pub const DAYS_IN_MONTH: f64 = 30.4375;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Female,
    Male,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// kg.
    Weight,
    /// Lying (WHO) or standing (CDC), cm.
    Height,
    /// Head circumference, cm; below 24 months.
    Head,
    /// kg for a length in cm instead of an age; below 24 months.
    WeightForLength,
    /// kg/m², from 24 months on.
    Bmi,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    Who,
    Cdc,
}

/// Where a measurement stands: `z` in standard deviations from the median, `percentile` from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccessKind {
    pub z: f64,
    pub percentile: f64,
}

#[derive(Clone, Copy)]
struct Row {
    measure: Measure,
    sex: Sex,
    at: f64,
    l: f64,
    m: f64,
    s: f64,
    sigma: Option<f64>,
}

static WHO: LazyLock<Vec<Row>> = LazyLock::new(|| rows(include_str!("../../../growth/who.csv")));
static CDC: LazyLock<Vec<Row>> = LazyLock::new(|| rows(include_str!("../../../growth/cdc.csv")));

fn rows(text: &str) -> Vec<Row> {
    text.lines().skip(1).filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let mut cells = line.split(',');
    let measure = match cells.next()? {
        "weight" => Measure::Weight,
        "length" | "height" => Measure::Height,
        "head" => Measure::Head,
        "weight_for_length" => Measure::WeightForLength,
        "bmi" => Measure::Bmi,
        _ => return None,
    };
    let sex = if cells.next()? == "female" { Sex::Female } else { Sex::Male };
    let mut number = || cells.next()?.parse::<f64>().ok();
    Some(Row { measure, sex, at: number()?, l: number()?, m: number()?, s: number()?, sigma: number() })
}

impl Reference {
    /// Which of both holds at an age in months.
    pub fn at(months: f64) -> Option<Self> {
        match months {
            _ if (0.0..CDC_FROM).contains(&months) => Some(Reference::Who),
            _ if (CDC_FROM..=CDC_TO).contains(&months) => Some(Reference::Cdc),
            _ => None,
        }
    }

    /// The parameters at an age in months, or at a length in cm.
    fn parameters(self, measure: Measure, sex: Sex, at: f64) -> Option<Row> {
        let (rows, at) = match self {
            Reference::Who if measure == Measure::WeightForLength => (&WHO, at),
            Reference::Who => (&WHO, at * DAYS_IN_MONTH),
            Reference::Cdc => (&CDC, at),
        };
        let mut before: Option<&Row> = None;
        for row in rows.iter().filter(|row| row.measure == measure && row.sex == sex) {
            if row.at >= at {
                let from = if row.at > at { before? } else { row };
                let part = if row.at > from.at { (at - from.at) / (row.at - from.at) } else { 0.0 };
                let between = |one: f64, other: f64| one + (other - one) * part;
                return Some(Row {
                    at,
                    l: between(from.l, row.l),
                    m: between(from.m, row.m),
                    s: between(from.s, row.s),
                    sigma: from.sigma.zip(row.sigma).map(|(one, other)| between(one, other)),
                    ..*row
                });
            }
            before = Some(row);
        }
        None
    }

    /// Where `value` stands at an age in months (or a length in cm, for weight by length). Nothing outside of the reference.
    pub fn standing(self, measure: Measure, sex: Sex, at: f64, value: f64) -> Option<AccessKind> {
        if value <= 0.0 {
            return None;
        }
        let row = self.parameters(measure, sex, at)?;
        let z = z_score(&row, value);
        if let (Reference::Cdc, Measure::Bmi, Some(sigma)) = (self, measure, row.sigma) {
            // Above the 95th percentile: a half-normal distribution. Source: CDC extended BMI-for-age, 2022.
            let p95 = value_of(&row, Z_95);
            if value > p95 {
                let percentile = 90.0 + 10.0 * normal((value - p95) / sigma);
                return Some(AccessKind { z: quantile(percentile / 100.0), percentile });
            }
        }
        let z =
            if self == Reference::Who && matches!(measure, Measure::Weight | Measure::WeightForLength) { tamed(&row, value, z) } else { z };
        Some(AccessKind { z, percentile: normal(z) * 100.0 })
    }

    /// The measurement at a z-score: a point of a curve.
    pub fn value(self, measure: Measure, sex: Sex, at: f64, z: f64) -> Option<f64> {
        self.parameters(measure, sex, at).map(|row| value_of(&row, z))
    }
}

const Z_95: f64 = 1.644_853_626_951_472_7;

fn z_score(row: &Row, value: f64) -> f64 {
    if row.l.abs() < 1e-9 { (value / row.m).ln() / row.s } else { ((value / row.m).powf(row.l) - 1.0) / (row.l * row.s) }
}

fn value_of(row: &Row, z: f64) -> f64 {
    if row.l.abs() < 1e-9 { row.m * (row.s * z).exp() } else { row.m * (1.0 + row.l * row.s * z).powf(1.0 / row.l) }
}

/// Beyond three standard deviations the WHO counts weights in steps as wide as the one from the second to the third. Source: WHO
/// Child Growth Standards, Methods and development (2006), chapter 7.
fn tamed(row: &Row, value: f64, z: f64) -> f64 {
    if z.abs() <= 3.0 {
        return z;
    }
    let sign = z.signum();
    let (second, third) = (value_of(row, 2.0 * sign), value_of(row, 3.0 * sign));
    sign * 3.0 + (value - third) / (third - second).abs()
}

/// The standard normal distribution.
fn normal(z: f64) -> f64 {
    libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0
}

/// Where the standard normal distribution reaches `part`: by halving, to ten digits.
fn quantile(part: f64) -> f64 {
    let (mut low, mut high) = (-9.0, 9.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if normal(middle) < part {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, told: f64, within: f64) {
        assert!((found - told).abs() <= within, "{found} is not {told}");
    }

    /// The worked example of the CDC's page on its data files: a boy of 9.5 months who weighs 9.7 kg, by the CDC's infant chart.
    #[test]
    fn the_formula_gives_the_published_example() {
        let row =
            Row { measure: Measure::Weight, sex: Sex::Male, at: 9.5, l: -0.160_095_4, m: 9.476_500_305, s: 0.112_186_24, sigma: None };
        close(z_score(&row, 9.7), 0.207, 0.0005);
        close(normal(z_score(&row, 9.7)) * 100.0, 58.0, 0.5);
        close(value_of(&row, z_score(&row, 9.7)), 9.7, 1e-9);
    }

    /// From the tables the WHO prints: medians and the second and third standard deviation of girls and boys.
    #[test]
    fn the_who_tables_are_the_printed_ones() {
        let kg = |sex, months, z| Reference::Who.value(Measure::Weight, sex, months, z).expect("in the table");
        close(kg(Sex::Male, 0.0, 0.0), 3.3, 0.05);
        close(kg(Sex::Male, 12.0, 0.0), 9.6, 0.05);
        close(kg(Sex::Male, 12.0, -2.0), 7.7, 0.05);
        close(kg(Sex::Male, 12.0, 3.0), 13.3, 0.05);
        close(kg(Sex::Female, 12.0, 0.0), 8.9, 0.06);
        close(kg(Sex::Female, 12.0, 2.0), 11.5, 0.06);
        let cm = |sex, months, z| Reference::Who.value(Measure::Height, sex, months, z).expect("in the table");
        close(cm(Sex::Male, 12.0, 0.0), 75.7, 0.06);
        close(cm(Sex::Female, 18.0, 0.0), 80.7, 0.06);
        let head = Reference::Who.value(Measure::Head, Sex::Female, 6.0, 0.0).expect("in the table");
        close(head, 42.2, 0.06);
        let by_length = Reference::Who.value(Measure::WeightForLength, Sex::Male, 75.0, 0.0).expect("in the table");
        close(by_length, 9.5, 0.06);
    }

    /// The survey that comes with the WHO's own software, with the z-scores it prints: three girls, by their age in days.
    #[test]
    fn z_scores_are_those_of_the_who_software() {
        for (days, kg, cm, by_weight, by_length, weight_for_length) in
            [(683.0, 10.4, 84.8, -0.57, -0.07, -0.81), (653.0, 11.7, 83.5, 0.53, -0.19, 0.83), (234.0, 7.2, 67.0, -0.72, -0.55, -0.49)]
        {
            let months = days / DAYS_IN_MONTH;
            let z = |measure, at, value| Reference::Who.standing(measure, Sex::Female, at, value).expect("in the table").z;
            close(z(Measure::Weight, months, kg), by_weight, 0.006);
            close(z(Measure::Height, months, cm), by_length, 0.006);
            close(z(Measure::WeightForLength, cm, kg), weight_for_length, 0.006);
        }
    }

    /// From the tables the CDC prints: medians at 24.5 months, BMI at 120.5 months.
    #[test]
    fn the_cdc_tables_are_the_printed_ones() {
        let value = |measure, sex, months, z| Reference::Cdc.value(measure, sex, months, z).expect("in the table");
        close(value(Measure::Weight, Sex::Male, 24.5, 0.0), 12.74, 0.005);
        close(value(Measure::Height, Sex::Female, 24.5, 0.0), 85.40, 0.005);
        close(value(Measure::Bmi, Sex::Male, 120.5, 0.0), 16.65, 0.05);
        close(value(Measure::Bmi, Sex::Male, 120.5, Z_95), 22.15, 0.06);
    }

    #[test]
    fn above_the_95th_percentile_bmi_follows_the_extended_method() {
        let at = |bmi| Reference::Cdc.standing(Measure::Bmi, Sex::Male, 120.5, bmi).expect("in the table");
        let p95 = Reference::Cdc.value(Measure::Bmi, Sex::Male, 120.5, Z_95).expect("in the table");
        close(at(p95).percentile, 95.0, 0.01);
        close(at(p95 + 0.001).percentile, 95.0, 0.01);
        assert!(at(35.0).percentile > 99.0 && at(35.0).percentile < 100.0 && at(60.0).z > at(35.0).z);
    }

    #[test]
    fn very_heavy_infants_are_counted_in_even_steps() {
        let z = |kg| Reference::Who.standing(Measure::Weight, Sex::Male, 12.0, kg).expect("in the table").z;
        let (second, third) = (
            Reference::Who.value(Measure::Weight, Sex::Male, 12.0, 2.0).expect("in the table"),
            Reference::Who.value(Measure::Weight, Sex::Male, 12.0, 3.0).expect("in the table"),
        );
        close(z(third + (third - second)), 4.0, 1e-9);
    }

    #[test]
    fn no_reference_no_standing() {
        assert_eq!(Reference::at(-0.1), None);
        assert_eq!(Reference::at(23.99), Some(Reference::Who));
        assert_eq!(Reference::at(24.0), Some(Reference::Cdc));
        assert_eq!(Reference::at(240.1), None);
        assert!(Reference::Cdc.standing(Measure::Head, Sex::Female, 30.0, 48.0).is_none());
        assert!(Reference::Who.standing(Measure::Weight, Sex::Female, 3.0, 0.0).is_none());
    }

    #[test]
    fn the_tables_are_whole() {
        assert_eq!((WHO.len(), CDC.len()), (970, 1308));
        assert!(CDC.iter().all(|row| (row.measure == Measure::Bmi) == row.sigma.is_some()));
        for z in [-3.0, -1.0, 0.0, 0.5, 2.5] {
            close(quantile(normal(z)), z, 1e-9);
        }
    }
}
