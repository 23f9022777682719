//! The pages of health cards.

use std::iter::once;

use leptos::server_fn::ServerFn;
use qrcode::EcLevel;
use serde_json::json;
use uuid::Uuid;

use super::{
    api,
    card::numeric,
    entity::health_card,
    model::Subject,
    store::{self, Offer},
};
use crate::{
    access::{Grant, allow, policy::UseHealthCards},
    base::{error::Error, i18n::Texts, ids::PatientId},
    view::{
        qr,
        screens::{
            good, link,
            model::{Form, Part, Screen},
            off,
        },
    },
};

async fn open(patient: &str) -> Result<Grant<UseHealthCards>, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    allow::<UseHealthCards>(patient).await
}

/// What a card is called that is about `of`: a result, or a disease.
fn title(t: Texts, subject: Subject, of: &str) -> String {
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
fn place(t: Texts, offer: &Offer) -> (u8, String) {
    match offer.subject {
        Subject::CovidVaccines => (0, String::new()),
        Subject::Vaccine => (1, title(t, offer.subject, &offer.title).to_lowercase()),
        Subject::OtherVaccines => (2, String::new()),
        Subject::Result => (3, String::new()),
    }
}

/// The cards there are, and what can be made into one.
///
/// # Errors
/// `NotFound` when the chart is nobody's or closed to the caller.
pub async fn list(patient: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let base = format!("/p/{patient}/health");
    let mut offers = store::offers(&grant).await?;
    offers.sort_by_cached_key(|offer| place(t, offer));
    let cards = store::cards(&grant).await?;
    let screen = Screen::new(t.credentials_title(), t.credentials_lead()).narrow().back(base.clone(), t.health_title());
    let mut made: Vec<Part> = Vec::new();
    for card in &cards {
        let on = t.credentials_issued(&t.date_and_time(card.issued_at, &grant.zone()));
        let title = title(t, card.subject, &card.title);
        made.push(match card.revoked_at {
            Some(at) => Part::Entry {
                title,
                tag: off(t.credentials_revoked()),
                lines: once(on)
                    .chain(card.outdated.then(|| t.credentials_outdated().to_owned()))
                    .chain([t.credentials_revoked_on(&t.date_and_time(at, &grant.zone()))])
                    .collect(),
                parts: Vec::new(),
            },
            None => Part::Entry {
                title,
                tag: good(t.credentials_valid()),
                lines: vec![on],
                parts: vec![Part::Buttons {
                    main: true,
                    links: vec![link(format!("{base}/credentials/{}", card.id), t.credentials_show())],
                }],
            },
        });
    }
    let screen = if made.is_empty() { screen } else { screen.sheet(t.credentials_yours(), made) };
    let mut possible: Vec<Part> = offers
        .iter()
        .map(|offer| {
            let doses = if offer.count == 1 { t.credentials_one_dose().to_owned() } else { t.credentials_doses(&offer.count.to_string()) };
            let lines = match offer.subject {
                Subject::Result => Vec::new(),
                Subject::OtherVaccines => vec![doses, t.credentials_other_vaccines_text().to_owned()],
                Subject::CovidVaccines | Subject::Vaccine => vec![doses],
            };
            let form = Form::post(api::Issue::PATH, t.credentials_make())
                .quiet()
                .hidden("patient", patient)
                .hidden("subject", offer.subject.as_str());
            let form = match (offer.subject, offer.result) {
                (Subject::Vaccine, _) => form.hidden("vaccine", &offer.title),
                (_, Some(result)) => form.hidden("result", result),
                _ => form,
            };
            Part::Entry { title: title(t, offer.subject, &offer.title), tag: None, lines, parts: vec![form.done()] }
        })
        .collect();
    if possible.is_empty() {
        possible.push(Part::text(t.credentials_none()));
    }
    Ok(screen
        .sheet(t.credentials_new(), possible)
        .sheet("", vec![Part::text(t.credentials_explained()), Part::small(t.credentials_private())]))
}

/// One card: its QR codes, its file, to print.
///
/// # Errors
/// `NotFound` when there is no such card in this chart.
pub async fn one(patient: &str, id: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let card = store::card(&grant, id.parse().map_err(|_| Error::NotFound)?).await?;
    let person = store::person(&grant).await?;
    let base = format!("/p/{patient}/health/credentials");
    let name = title(t, card.subject, &card.title);
    let codes = numeric(&card.jws);
    let mut parts = vec![Part::facts([
        (t.personal_name(), Some(format!("{} {}", person.given_name, person.family_name))),
        (t.personal_birth_date(), Some(t.date(person.birth_date))),
        (t.credentials_issued_on(), Some(t.date_and_time(card.issued_at, &grant.zone()))),
    ])];
    if codes.len() > 1 {
        parts.push(Part::text(t.credentials_several(&codes.len().to_string())));
    }
    for (index, code) in codes.iter().enumerate() {
        let alt = if codes.len() == 1 {
            t.credentials_code(&name)
        } else {
            t.credentials_code_of(&codes.len().to_string(), &name, &(index + 1).to_string())
        };
        if codes.len() > 1 {
            parts.push(Part::Heading(t.credentials_part(&codes.len().to_string(), &(index + 1).to_string())));
        }
        parts.push(Part::Picture { src: qr::picture(code, EcLevel::L, 400)?, alt });
    }
    parts.push(Part::Buttons { main: false, links: vec![link(format!("/files/card/{patient}/{}", card.id), t.credentials_file())] });
    parts.push(Part::Print { label: t.health_print().into() });
    let revoke = Form::post(api::Revoke::PATH, t.credentials_revoke()).quiet().hidden("patient", patient).hidden("card", card.id).done();
    Ok(Screen::new(name, t.credentials_show_lead())
        .narrow()
        .back(base, t.credentials_title())
        .sheet("", parts)
        .sheet(t.credentials_lost(), vec![Part::text(t.credentials_revoke_text()), revoke]))
}

/// A card as a file that health wallets open.
///
/// # Errors
/// As the page.
pub async fn file(patient: PatientId, id: Uuid) -> Result<String, Error> {
    let grant = allow::<UseHealthCards>(patient).await?;
    let health_card::Model { jws, .. } = store::card(&grant, id).await?;
    Ok(json!({ "verifiableCredential": [jws] }).to_string())
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
