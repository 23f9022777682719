//! Security labels: what is sensitive, kept back or withheld.
//!
//! Source: HL7 v3-ActCode (InformationSensitivityPolicy, NOPAT) and v3-Confidentiality.

use serde_json::Value;

const SENSITIVE: &[&str] = &[
    "BH", "DIA", "DVD", "EMOTDIS", "ETH", "ETHUD", "GDIS", "HIV", "MH", "OPIOIDUD", "PSY", "PSYTHPN", "SCA", "SDV", "SEX", "SEXREPRO",
    "STD", "SUD", "TBOO", "VIO",
];

/// What the labels of a resource say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Not for proxies whose level leaves sensitive parts out.
    pub sensitive: bool,
    /// Not for the patient without the clinician (NOPAT).
    pub kept_back: bool,
    /// For nobody here (confidentiality V, very restricted).
    pub hidden: bool,
}

impl Labels {
    /// Whether a page says nothing of it.
    pub fn withheld(self) -> bool {
        self.kept_back || self.hidden
    }
}

pub fn of(resource: &Value) -> Labels {
    let mut labels = Labels::default();
    let codings = [&resource["meta"]["security"]].into_iter().flat_map(|found| found.as_array().into_iter().flatten());
    let document =
        resource["securityLabel"].as_array().into_iter().flatten().flat_map(|concept| concept["coding"].as_array().into_iter().flatten());
    for coding in codings.chain(document) {
        let (system, code) = (coding["system"].as_str().unwrap_or_default(), coding["code"].as_str().unwrap_or_default());
        if system.ends_with("v3-Confidentiality") {
            labels.sensitive |= matches!(code, "R" | "V");
            labels.hidden |= code == "V";
        } else if system.ends_with("v3-ActCode") {
            labels.kept_back |= code == "NOPAT";
            labels.sensitive |= SENSITIVE.contains(&code);
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_decide() {
        let labelled = |system: &str, code: &str| {
            of(&json!({"meta": {"security": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]}}))
        };
        assert_eq!(labelled("v3-ActCode", "PSY"), Labels { sensitive: true, ..Labels::default() });
        assert_eq!(labelled("v3-ActCode", "NOPAT"), Labels { kept_back: true, ..Labels::default() });
        assert_eq!(labelled("v3-Confidentiality", "R"), Labels { sensitive: true, ..Labels::default() });
        assert_eq!(labelled("v3-Confidentiality", "V"), Labels { sensitive: true, hidden: true, kept_back: false });
        assert_eq!(labelled("v3-Confidentiality", "N"), Labels::default());
        assert_eq!(labelled("other", "PSY"), Labels::default());
    }
}
