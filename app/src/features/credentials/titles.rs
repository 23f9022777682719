//! What cards are called, and in which order they are offered.

use super::{model::Subject, offers::Offer};
use crate::base::i18n::Texts;

/// What a card is called that is about `of`: a result, or a disease.
pub(super) fn title(t: Texts, subject: Subject, of: &str) -> String {
    match subject {
        Subject::CovidVaccines => t.credentials_covid_vaccines().to_owned(),
        Subject::Vaccine => vaccine(t, of).to_owned(),
        Subject::OtherVaccines => t.credentials_other_vaccines().to_owned(),
        Subject::Result => of.to_owned(),
    }
}

/// A word of [`card_reader::names`], or the title that a vaccine has in the record.
fn vaccine(t: Texts, group: &str) -> &str {
    match group {
        "chickenpox" => t.credentials_vaccine_chickenpox(),
        "hepatitis_a" => t.credentials_vaccine_hepatitis_a(),
        "hepatitis_b" => t.credentials_vaccine_hepatitis_b(),
        "hib" => t.credentials_vaccine_hib(),
        "hpv" => t.credentials_vaccine_hpv(),
        "influenza" => t.credentials_vaccine_influenza(),
        "japanese_encephalitis" => t.credentials_vaccine_japanese_encephalitis(),
        "measles" => t.credentials_vaccine_measles(),
        "meningococcal" => t.credentials_vaccine_meningococcal(),
        "pneumococcal" => t.credentials_vaccine_pneumococcal(),
        "polio" => t.credentials_vaccine_polio(),
        "rabies" => t.credentials_vaccine_rabies(),
        "rotavirus" => t.credentials_vaccine_rotavirus(),
        "rsv" => t.credentials_vaccine_rsv(),
        "shingles" => t.credentials_vaccine_shingles(),
        "tetanus" => t.credentials_vaccine_tetanus(),
        "typhoid" => t.credentials_vaccine_typhoid(),
        "yellow_fever" => t.credentials_vaccine_yellow_fever(),
        other => other,
    }
}

/// COVID-19 first, then each disease by its name, all of them together, and results as they come, newest first.
pub(super) fn place(t: Texts, offer: &Offer) -> (u8, String) {
    match offer.subject {
        Subject::CovidVaccines => (0, String::new()),
        Subject::Vaccine => (1, title(t, offer.subject, &offer.title).to_lowercase()),
        Subject::OtherVaccines => (2, String::new()),
        Subject::Result => (3, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::i18n::Locale;

    #[test]
    fn every_disease_has_a_name_in_every_language() {
        for cvx in 1..=330 {
            for group in card_reader::names::groups(&format!("{cvx:02}")) {
                for locale in Locale::ALL {
                    assert_ne!(vaccine(Texts(locale), group), *group);
                }
            }
        }
        assert_eq!(vaccine(Texts(Locale::Es), "Smallpox"), "Smallpox");
    }

    #[test]
    fn offers_stand_by_disease_and_all_together_last() {
        let offer = |subject, title: &str| Offer { subject, result: None, title: title.into(), count: 1 };
        let mut offers = [
            offer(Subject::Result, "b"),
            offer(Subject::OtherVaccines, ""),
            offer(Subject::Vaccine, "tetanus"),
            offer(Subject::Vaccine, "influenza"),
            offer(Subject::CovidVaccines, ""),
            offer(Subject::Result, "a"),
        ];
        offers.sort_by_cached_key(|offer| place(Texts(Locale::En), offer));
        let titles: Vec<String> = offers.iter().map(|offer| title(Texts(Locale::En), offer.subject, &offer.title)).collect();
        let tetanus = "Tetanus, diphtheria and whooping cough vaccinations";
        assert_eq!(titles, ["COVID-19 vaccinations", "Flu vaccinations", tetanus, "Other vaccinations", "b", "a"]);
    }
}
