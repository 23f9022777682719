//! Names of fields.

use uuid::Uuid;

/// The name of a field about who does something where.
pub fn pair_name(clinician: Uuid, department: Uuid) -> String {
    format!("offered[c{}_{}]", clinician.simple(), department.simple())
}

/// Who and where, by what stands in its brackets.
pub fn parse_pair(name: &str) -> Option<(Uuid, Uuid)> {
    let (clinician, department) = name.strip_prefix('c')?.split_once('_')?;
    Some((clinician.parse().ok()?, department.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_read_from_its_field() {
        let (one, other) = (Uuid::from_u128(7), Uuid::from_u128(9));
        let name = pair_name(one, other);
        let within = name.trim_start_matches("offered[").trim_end_matches(']');
        assert_eq!(parse_pair(within), Some((one, other)));
        for name in ["", "c", "c1_2", "x", "d7_9"] {
            assert_eq!(parse_pair(name), None, "{name}");
        }
    }
}
