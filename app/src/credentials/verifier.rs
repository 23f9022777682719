//! The public page on which anybody checks a health card.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Utc};
use leptos::server_fn::ServerFn;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::{
    api,
    keys::{self, Issuer},
    verify::{self, Card, Fault, Judgement, Trust, TrustedIssuer},
};
use crate::{
    access::{
        Grant, allow,
        entity::form_draft,
        policy::VerifyCards,
        session::{hash, token},
    },
    boot::Boot,
    error::{Error, Why},
    i18n::Texts,
    screens::model::{Field, Form, Kind, Part, Screen},
    sign_in::{
        attempts::{self, Turn},
        network,
    },
    web,
};

/// The cookie of a browser that checks a card.
const COOKIE: &str = "card";
/// What was checked is kept for so long, for its page, under a token that only this browser has.
const LIFE: TimeDelta = TimeDelta::minutes(15);
/// So many letters are read: a card in fifty codes is shorter.
const MOST: usize = 130_000;
/// Checks from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 100;
/// The action under which it is kept among the drafts of forms.
const ACTION: &str = "/verify";

/// Keeps what is to be checked.
///
/// # Errors
/// `Invalid` when there is nothing, or too much; `TooManyTries`.
pub async fn keep(grant: &Grant<VerifyCards>, field: &str, text: &str) -> Result<(), Error> {
    let key = format!("verify:{}", network(grant.address()));
    if let Turn::Wait { minutes } = attempts::take(grant.db(), &key, PER_ADDRESS).await? {
        return Err(Error::TooManyTries { minutes });
    }
    let text = text.trim();
    if text.is_empty() || text.len() > MOST {
        return Err(Error::field(field, if text.is_empty() { Why::Missing } else { Why::TooLong }));
    }
    let now = Utc::now();
    form_draft::Entity::delete_many().filter(form_draft::Column::CreatedAt.lt(now - LIFE)).exec(grant.db()).await?;
    let token = token()?;
    form_draft::Entity::insert(form_draft::ActiveModel {
        token_hash: Set(hash(&token)),
        action: Set(ACTION.to_owned()),
        entries: Set(serde_json::to_string(&BTreeMap::from([("card", text)])).unwrap_or_default()),
        error: Set(String::new()),
        created_at: Set(now),
    })
    .exec_without_returning(grant.db())
    .await?;
    web::keep_cookie(COOKIE, &token, LIFE.num_seconds())
}

async fn kept(grant: &Grant<VerifyCards>) -> Result<Option<String>, Error> {
    let Some(token) = web::cookie(COOKIE).filter(|token| !token.is_empty()) else { return Ok(None) };
    let found = form_draft::Entity::find_by_id(hash(&token)).filter(form_draft::Column::Action.eq(ACTION)).one(grant.db()).await?;
    let found = found.filter(|row| Utc::now() - row.created_at < LIFE);
    Ok(found.and_then(|row| serde_json::from_str::<BTreeMap<String, String>>(&row.entries).ok()?.remove("card")))
}

/// The page: what was found in the last card, and the ways to show one.
///
/// # Errors
/// When the database fails.
pub async fn page(query: &str) -> Result<Screen, Error> {
    let grant = allow::<VerifyCards>(()).await?;
    let t = grant.texts();
    let mut screen = Screen::new(t.verify_title(), t.verify_lead()).narrow();
    if query.contains("done=") {
        match kept(&grant).await? {
            Some(text) => screen = verdict(&grant, screen, &text).await?,
            None => screen = screen.notice(t.verify_gone(), ""),
        }
    }
    let file = Field::new("card_file", t.verify_file(), Kind::File { accept: "image/*,.smart-health-card,.txt".into() });
    let picture = Form::post(api::CheckFile::PATH, t.verify_check()).files().field(file.hint(t.verify_file_hint())).done();
    let text = Form::post(api::Check::PATH, t.verify_check())
        .quiet()
        .field(Field::new("card", t.verify_text(), Kind::Paste).hint(t.verify_text_hint()))
        .done();
    Ok(screen.sheet(t.verify_by_picture(), vec![picture]).sheet(t.verify_by_text(), vec![text, Part::small(t.verify_rule())]))
}

async fn verdict(grant: &Grant<VerifyCards>, screen: Screen, text: &str) -> Result<Screen, Error> {
    let t = grant.texts();
    let card = match verify::find(text).and_then(|jws| verify::read(&jws)) {
        Ok(card) => card,
        Err(fault) => return Ok(screen.warning(t.verify_no_card(), vec![Part::text(fault_in_words(t, fault))])),
    };
    let judgement = card.judge(&issuers(grant, &card).await?, grant.now().instant);
    let says = match &judgement {
        Judgement::Holds(_) => t.verify_holds_text(),
        Judgement::UnknownIssuer => t.verify_unknown_text(),
        Judgement::UnknownKey => t.verify_unknown_key_text(),
        Judgement::WrongSignature => t.verify_wrong_text(),
        Judgement::Revoked => t.verify_revoked_text(),
        Judgement::NotYet => t.verify_not_yet_text(),
        Judgement::Expired => t.verify_expired_text(),
    };
    let screen = match &judgement {
        Judgement::Holds(name) => screen.notice(t.verify_holds(name), says),
        Judgement::UnknownIssuer => screen.warning(t.verify_unknown(), vec![Part::text(says), Part::text(card.issuer.clone())]),
        Judgement::UnknownKey | Judgement::WrongSignature => screen.warning(t.verify_wrong(), vec![Part::text(says)]),
        Judgement::Revoked => screen.warning(t.verify_revoked(), vec![Part::text(says)]),
        Judgement::NotYet | Judgement::Expired => screen.warning(t.verify_not_now(), vec![Part::text(says)]),
    };
    // What a forged card says is not repeated as if it were something.
    if matches!(judgement, Judgement::WrongSignature | Judgement::UnknownKey) {
        return Ok(screen);
    }
    Ok(claims(t, screen, &card))
}

/// The portal itself and those of the configuration.
async fn issuers(grant: &Grant<VerifyCards>, card: &Card) -> Result<Vec<TrustedIssuer>, Error> {
    let (issuer, boot, trust) = (web::context::<Issuer>()?, web::context::<Boot>()?, web::context::<Trust>()?);
    let mut issuers: Vec<TrustedIssuer> = trust.0.iter().cloned().collect();
    if card.issuer == *issuer.url {
        let published = keys::published(grant.db()).await?;
        let revoked = keys::revoked(grant.db(), &card.kid).await?;
        issuers.push(TrustedIssuer {
            iss: issuer.url.to_string(),
            name: boot.brand.organisation,
            keys: published["keys"].as_array().cloned().unwrap_or_default(),
            revoked: [(card.kid.clone(), revoked)].into(),
        });
    }
    Ok(issuers)
}

fn claims(t: Texts, screen: Screen, card: &Card) -> Screen {
    let resources = card.resources();
    let person = resources.iter().find(|resource| resource["resourceType"] == "Patient");
    let name = person.map(|person| {
        let name = &person["name"][0];
        let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
        given.chain(name["family"].as_str()).collect::<Vec<_>>().join(" ")
    });
    let day = |value: &Value| value.as_str().and_then(|day| day.get(..10)?.parse().ok()).map(|day| t.date(day));
    let mut parts =
        vec![Part::facts([(t.personal_name(), name), (t.personal_birth_date(), person.and_then(|person| day(&person["birthDate"])))])];
    for resource in resources.iter().filter(|resource| resource["resourceType"] != "Patient") {
        let (title, at) = match resource["resourceType"].as_str() {
            Some("Immunization") => (code(&resource["vaccineCode"]), day(&resource["occurrenceDateTime"])),
            Some("Observation") => (code(&resource["code"]), day(&resource["effectiveDateTime"])),
            kind => (kind.unwrap_or_default().to_owned(), None),
        };
        let by = resource["performer"][0]["actor"]["display"].as_str().or_else(|| resource["performer"][0]["display"].as_str());
        let quantity = &resource["valueQuantity"];
        let value = quantity["value"].as_f64().map(|value| format!("{value} {}", quantity["unit"].as_str().unwrap_or_default()));
        let value = value.or_else(|| resource["valueString"].as_str().map(str::to_owned));
        let value = value.or_else(|| Some(code(&resource["valueCodeableConcept"])).filter(|code| !code.is_empty()));
        let facts = Part::facts([
            (t.results_value(), value),
            (t.verify_lot(), resource["lotNumber"].as_str().map(str::to_owned)),
            (t.verify_by(), by.map(str::to_owned)),
        ]);
        parts.push(Part::Entry { title, tag: None, lines: at.into_iter().collect(), parts: vec![facts] });
    }
    screen.sheet(t.verify_claims(), parts)
}

/// Cards hold codes and no words: the words here are ours, for the codes that people meet.
fn code(concept: &Value) -> String {
    let coding = &concept["coding"][0];
    let (system, code) = (coding["system"].as_str().unwrap_or_default(), coding["code"].as_str().unwrap_or_default());
    let known = match (system, code) {
        ("http://hl7.org/fhir/sid/cvx", "207" | "221" | "227" | "228" | "229" | "311" | "312") => "COVID-19, Moderna",
        ("http://hl7.org/fhir/sid/cvx", "208" | "217" | "218" | "219" | "230" | "300" | "301" | "302" | "308" | "309" | "310") => {
            "COVID-19, Pfizer-BioNTech"
        }
        ("http://hl7.org/fhir/sid/cvx", "211" | "313") => "COVID-19, Novavax",
        ("http://hl7.org/fhir/sid/cvx", "212") => "COVID-19, Janssen",
        ("http://hl7.org/fhir/sid/cvx", "210") => "COVID-19, AstraZeneca",
        ("http://snomed.info/sct", "260373001") => "Detected",
        ("http://snomed.info/sct", "260415000") => "Not detected",
        ("http://snomed.info/sct", "10828004") => "Positive",
        ("http://snomed.info/sct", "260385009") => "Negative",
        _ => "",
    };
    let short = match system {
        "http://hl7.org/fhir/sid/cvx" => "CVX",
        "http://loinc.org" => "LOINC",
        "http://snomed.info/sct" => "SNOMED CT",
        other => other,
    };
    let written = format!("{short} {code}").trim().to_owned();
    if known.is_empty() { written } else { format!("{known} ({written})") }
}

fn fault_in_words(t: Texts, fault: Fault) -> String {
    match fault {
        Fault::NoCard => t.verify_fault_none().to_owned(),
        Fault::MissingParts { found, of } => t.verify_fault_parts(&found.to_string(), &of.to_string()),
        Fault::Digits => t.verify_fault_digits().to_owned(),
        Fault::Shape => t.verify_fault_shape().to_owned(),
        Fault::Header => t.verify_fault_header().to_owned(),
        Fault::Compression => t.verify_fault_compression().to_owned(),
        Fault::Content => t.verify_fault_content().to_owned(),
    }
}
