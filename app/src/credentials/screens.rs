//! The pages of health cards.

use leptos::server_fn::ServerFn;
use qrcode::EcLevel;
use serde_json::json;
use uuid::Uuid;

use super::{api, card::numeric, entity::health_card, model::Subject, store};
use crate::{
    access::{Grant, allow, policy::UseHealthCards},
    error::Error,
    i18n::Texts,
    ids::PatientId,
    screens::{
        good, link,
        model::{Form, Part, Screen},
        off, qr,
    },
};

async fn open(patient: &str) -> Result<Grant<UseHealthCards>, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    allow::<UseHealthCards>(patient).await
}

fn title(t: Texts, subject: Subject, of_result: &str) -> String {
    match subject {
        Subject::CovidVaccines => t.credentials_covid_vaccines().to_owned(),
        Subject::OtherVaccines => t.credentials_other_vaccines().to_owned(),
        Subject::Result => of_result.to_owned(),
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
    let offers = store::offers(&grant).await?;
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
                lines: vec![on, t.credentials_revoked_on(&t.date_and_time(at, &grant.zone()))],
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
            let lines = match offer.subject {
                Subject::Result => Vec::new(),
                _ if offer.count == 1 => vec![t.credentials_one_dose().to_owned()],
                _ => vec![t.credentials_doses(&offer.count.to_string())],
            };
            let form = Form::post(api::Issue::PATH, t.credentials_make())
                .quiet()
                .hidden("patient", patient)
                .hidden("subject", offer.subject.as_str());
            let form = match offer.result {
                Some(result) => form.hidden("result", result),
                None => form,
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
