//! Names for the codes on cards, which hold no words: of vaccines and tests that people meet.
//! Source: CVX codes of the CDC's Immunization Information Systems, short names; LOINC's terms for SARS-CoV-2.

/// What a coding is called; nothing for one that is not known here.
pub fn name(system: &str, code: &str) -> Option<&'static str> {
    match system {
        "http://hl7.org/fhir/sid/cvx" => vaccine(code),
        "http://loinc.org" => test(code),
        _ => None,
    }
}

/// The diseases that a vaccine is against, by a word of ours for each; several for one that combines vaccines, none for one that
/// is not known here. Source: CDC, vaccine groups of the CVX codes; those against tetanus, diphtheria and whooping cough are
/// one group here, since people are given one after another.
pub fn groups(cvx: &str) -> &'static [&'static str] {
    match vaccine(cvx) {
        Some("DTP" | "DTaP" | "DT" | "Td" | "Tdap" | "Tetanus") => &["tetanus"],
        Some("DTP-Hib" | "DTaP-Hib") => &["tetanus", "hib"],
        Some("DTaP-hepatitis B-IPV") => &["tetanus", "hepatitis_b", "polio"],
        Some("DTaP-Hib-IPV") => &["tetanus", "hib", "polio"],
        Some("DTaP-IPV") => &["tetanus", "polio"],
        Some("DTaP-IPV-Hib-hepatitis B") => &["tetanus", "polio", "hib", "hepatitis_b"],
        Some("Polio, oral (OPV)" | "Polio (IPV)" | "Polio") => &["polio"],
        Some("MMR" | "Measles" | "Rubella" | "Mumps") => &["measles"],
        Some("MMRV") => &["measles", "chickenpox"],
        Some("Varicella") => &["chickenpox"],
        Some("Hepatitis A") => &["hepatitis_a"],
        Some("Hepatitis B") => &["hepatitis_b"],
        Some("Hepatitis A and B") => &["hepatitis_a", "hepatitis_b"],
        Some("Hib") => &["hib"],
        Some("Hib-hepatitis B") => &["hib", "hepatitis_b"],
        Some("HPV") => &["hpv"],
        Some("Influenza") => &["influenza"],
        Some("Japanese encephalitis") => &["japanese_encephalitis"],
        Some("Meningococcal ACWY" | "Meningococcal B") => &["meningococcal"],
        Some(name) if name.starts_with("Pneumococcal") => &["pneumococcal"],
        Some("Rabies") => &["rabies"],
        Some("Rotavirus") => &["rotavirus"],
        Some("RSV") => &["rsv"],
        Some("Typhoid") => &["typhoid"],
        Some("Yellow fever") => &["yellow_fever"],
        Some("Zoster") => &["shingles"],
        _ => &[],
    }
}

fn vaccine(cvx: &str) -> Option<&'static str> {
    Some(match cvx {
        "01" => "DTP",
        "02" => "Polio, oral (OPV)",
        "03" => "MMR",
        "05" => "Measles",
        "06" => "Rubella",
        "07" => "Mumps",
        "08" | "42" | "43" | "44" | "45" => "Hepatitis B",
        "09" | "113" | "138" | "139" => "Td",
        "10" => "Polio (IPV)",
        "89" => "Polio",
        "17" | "46" | "47" | "48" | "49" => "Hib",
        "20" | "106" | "107" => "DTaP",
        "21" => "Varicella",
        "22" => "DTP-Hib",
        "25" | "91" | "101" => "Typhoid",
        "28" => "DT",
        "32" | "108" | "114" | "136" | "147" | "203" => "Meningococcal ACWY",
        "33" => "Pneumococcal (PPSV23)",
        "35" => "Tetanus",
        "37" => "Yellow fever",
        "39" | "134" => "Japanese encephalitis",
        "18" | "40" | "90" => "Rabies",
        "50" => "DTaP-Hib",
        "51" => "Hib-hepatitis B",
        "31" | "52" | "83" | "84" | "85" => "Hepatitis A",
        "62" | "118" | "137" | "165" => "HPV",
        "94" => "MMRV",
        "100" => "Pneumococcal (PCV7)",
        "104" => "Hepatitis A and B",
        "109" | "152" => "Pneumococcal",
        "110" => "DTaP-hepatitis B-IPV",
        "15" | "16" | "88" | "111" | "135" | "140" | "141" | "144" | "149" | "150" | "151" | "153" | "155" | "158" | "161" | "166"
        | "168" | "171" | "185" | "186" | "197" | "205" => "Influenza",
        "115" => "Tdap",
        "74" | "116" | "119" | "122" => "Rotavirus",
        "120" => "DTaP-Hib-IPV",
        "121" | "187" | "188" => "Zoster",
        "130" => "DTaP-IPV",
        "133" => "Pneumococcal (PCV13)",
        "146" => "DTaP-IPV-Hib-hepatitis B",
        "162" | "163" | "164" => "Meningococcal B",
        "189" => "Hepatitis B",
        "207" | "221" | "227" | "228" | "229" | "230" | "311" | "312" => "COVID-19, Moderna",
        "208" | "217" | "218" | "219" | "300" | "301" | "302" | "308" | "309" | "310" => "COVID-19, Pfizer-BioNTech",
        "210" => "COVID-19, AstraZeneca",
        "211" | "313" => "COVID-19, Novavax",
        "212" => "COVID-19, Janssen",
        "213" => "COVID-19",
        "215" => "Pneumococcal (PCV15)",
        "216" => "Pneumococcal (PCV20)",
        "303" | "304" | "305" => "RSV",
        _ => return None,
    })
}

fn test(loinc: &str) -> Option<&'static str> {
    Some(match loinc {
        "94309-2" | "94500-6" | "94534-5" | "94565-9" | "94759-8" | "94845-5" | "95406-5" => "SARS-CoV-2 (COVID-19) RNA",
        "94558-4" | "95209-3" | "96119-3" | "97097-0" => "SARS-CoV-2 (COVID-19) antigen",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vaccine_with_a_name_is_against_something() {
        for code in 1..=330 {
            let cvx = format!("{code:02}");
            let named = vaccine(&cvx).is_some_and(|name| !name.starts_with("COVID-19"));
            assert_eq!(!groups(&cvx).is_empty(), named, "CVX {cvx}");
        }
    }

    #[test]
    fn a_combined_vaccine_counts_for_each_of_its_diseases() {
        assert_eq!(groups("110"), ["tetanus", "hepatitis_b", "polio"]);
        assert_eq!((groups("94"), groups("08")), (&["measles", "chickenpox"][..], &["hepatitis_b"][..]));
        assert!(groups("999").is_empty());
    }
}
