//! Reference.

use serde_json::Value;

/// Whether a reference may mean a resource of this type; `urn:uuid:` does not tell, so its display does not count.
pub fn points_at(reference: &Value, resource_type: &str) -> bool {
    match reference["reference"].as_str() {
        Some(text) => text.contains(&format!("{resource_type}/")) || text.starts_with(&format!("{resource_type}?")),
        None => reference["type"] == resource_type,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_type_is_read_from_the_address_or_said() {
        for (reference, is) in [
            (json!({"reference": "Location/1"}), true),
            (json!({"reference": "Location?identifier=a|1"}), true),
            (json!({"type": "Location"}), true),
            (json!({"reference": "urn:uuid:1", "display": "Location"}), false),
            (json!({"reference": "Practitioner/1"}), false),
        ] {
            assert_eq!(points_at(&reference, "Location"), is, "{reference}");
        }
    }
}
