//! Vaccines by their codes.

/// CVX codes of COVID-19 vaccines, as far as they were given in the United States and abroad. Source: CDC, CVX code set.
const COVID_19: [u16; 47] = [
    207, 208, 210, 211, 212, 213, 217, 218, 219, 221, 225, 226, 227, 228, 229, 230, 300, 301, 302, 308, 309, 310, 311, 312, 313, 500, 501,
    502, 503, 504, 505, 506, 507, 508, 509, 510, 511, 512, 513, 514, 515, 516, 517, 518, 519, 520, 521,
];

/// Whether a `system|code` is a COVID-19 vaccine.
pub fn is_covid_19(code: &str) -> bool {
    let cvx = code.strip_prefix("http://hl7.org/fhir/sid/cvx|").and_then(|code| code.parse().ok());
    cvx.is_some_and(|code| COVID_19.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covid_vaccines_are_known_by_their_cvx_code() {
        assert!(is_covid_19("http://hl7.org/fhir/sid/cvx|208") && !is_covid_19("http://hl7.org/fhir/sid/cvx|20"));
        assert!(!is_covid_19("http://example.org|208"));
    }
}
