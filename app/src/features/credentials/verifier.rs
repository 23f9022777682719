//! The public page on which anybody checks a health card.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use card_reader::{
    card::{Trust, TrustedIssuer},
    picture,
    report::{Report, Words, reports},
};
use chrono::Utc;
use leptos::server_fn::ServerFn;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{
    api,
    keys::{self, Issuer},
};
use crate::{
    access::{Grant, allow, draft::LIFE, entity::form_draft, policy::VerifyCards},
    base::{
        boot::Boot,
        error::{Error, Why},
        i18n::Texts,
        text::escaped,
    },
    platform::{
        request as web, throttle as attempts,
        throttle::network,
        tokens::{hash, token},
    },
    view::screens::model::{Block, Field, Form, Kind, Part, Screen},
};

/// The cookie of a browser that checks a card.
const COOKIE: &str = "card";
/// So many letters are read: a card in fifty codes is shorter.
const MOST: usize = 130_000;
/// Checks from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 100;
/// A side of a picture is no longer than this, in pixels.
const MOST_SIDE: u32 = 6000;
/// A picture takes no more memory than this, in bytes: a file of some kilobytes may unfold to gigabytes.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;
/// So many pictures are looked at together, whoever sends them; the others wait.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Where the module lies that reads cards in the browser; nothing where it was not built, as in tests of the server alone.
#[derive(Clone, Debug, Default)]
pub struct CardReader(pub Option<Arc<str>>);

/// The action under which it is kept among the drafts of forms.
const ACTION: &str = "/verify";

/// Counts a check, before anything is done for it.
///
/// # Errors
/// `TooManyTries`.
pub async fn count(grant: &Grant<VerifyCards>) -> Result<(), Error> {
    let key = format!("verify:{}", network(grant.address()));
    attempts::limit(grant.db(), &key, PER_ADDRESS).await
}

/// Keeps what is to be checked: under a token that only this browser has, for as long as its page may be looked at.
///
/// # Errors
/// `Invalid` when there is nothing, or too much.
pub async fn keep(grant: &Grant<VerifyCards>, field: &str, text: &str) -> Result<(), Error> {
    let text = text.trim();
    if text.is_empty() || text.len() > MOST {
        return Err(Error::field(field, if text.is_empty() { Why::Missing } else { Why::TooLong }));
    }
    let token = token()?;
    form_draft::Entity::insert(form_draft::ActiveModel {
        token_hash: Set(hash(&token)),
        action: Set(ACTION.to_owned()),
        entries: Set(serde_json::to_string(&BTreeMap::from([("card", text)])).unwrap_or_default()),
        error: Set(String::new()),
        created_at: Set(Utc::now()),
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
            Some(text) => {
                let (issuer, boot, trust) = (web::context::<Issuer>()?, web::context::<Boot>()?, web::context::<Trust>()?);
                let issuers = issuers(grant.db(), &issuer, &boot.brand.organisation, &trust).await?;
                let found = reports(&text, &issuers, grant.now().instant.timestamp(), &words(t));
                screen = found.into_iter().fold(screen, verdict);
            }
            None => screen = screen.notice(t.verify_gone(), ""),
        }
    }
    screen.blocks.push(Block::Made(reader(t, web::context::<CardReader>()?.0.as_deref())));
    let file = Field::new("card_file", t.verify_file(), Kind::File { accept: "image/*,.smart-health-card,.txt".into() });
    let picture = Form::post(api::CheckFile::PATH, t.verify_check()).files().field(file.hint(t.verify_file_hint())).done();
    let text = Form::post(api::Check::PATH, t.verify_check())
        .quiet()
        .field(Field::new("card", t.verify_text(), Kind::Paste).hint(t.verify_text_hint()))
        .done();
    Ok(screen.sheet(t.verify_by_picture(), vec![picture]).sheet(t.verify_by_text(), vec![text, Part::small(t.verify_rule())]))
}

/// What the module for cards works with in the browser: its words, the place for its verdicts, the camera. Hidden until it is
/// there. The page is loaded anew when it is opened, so that the script runs.
fn reader(t: Texts, script: Option<&str>) -> String {
    let words = escaped(&serde_json::to_string(&words(t)).unwrap_or_default());
    let script = script.map_or_else(String::new, |src| format!("<script type=\"module\" src=\"{}\"></script>", escaped(src)));
    format!(
        "<div id=\"card-reader\" data-words=\"{words}\"><div id=\"card-verdict\" class=\"screen screen--narrow\" tabindex=\"-1\"></div>\
         <section class=\"sheet stack\"><h2>{}</h2><p class=\"text\">{}</p>\
         <div class=\"acts\"><button class=\"btn\" type=\"button\" data-card=\"scan\">{}</button></div>\
         <div id=\"card-camera\" class=\"stack\" hidden><video id=\"card-video\" muted playsinline aria-label=\"{}\"></video>\
         <p id=\"card-status\" class=\"text\" role=\"status\"></p>\
         <div class=\"acts\"><button class=\"btn quiet\" type=\"button\" data-card=\"stop\">{}</button></div></div></section>{script}</div>",
        escaped(t.verify_by_camera()),
        escaped(t.verify_local()),
        escaped(t.verify_scan()),
        escaped(t.verify_sees()),
        escaped(t.verify_stop()),
    )
}

/// The portal itself and those of the configuration.
///
/// # Errors
/// When the database fails.
pub async fn issuers(db: &impl ConnectionTrait, issuer: &Issuer, organisation: &str, trust: &Trust) -> Result<Vec<TrustedIssuer>, Error> {
    let keys = keys::published(db).await?["keys"].as_array().cloned().unwrap_or_default();
    let mut own = TrustedIssuer { iss: issuer.url.to_string(), name: organisation.to_owned(), keys, revoked: HashMap::new() };
    for kid in own.keys.iter().filter_map(|key| key["kid"].as_str()) {
        own.revoked.insert(kid.to_owned(), keys::revoked(db, kid).await?);
    }
    Ok(trust.0.iter().cloned().chain([own]).collect())
}

fn verdict(mut screen: Screen, found: Report) -> Screen {
    let says: Vec<Part> = found.says.into_iter().map(Part::Text).collect();
    screen.blocks.push(Block::Notice { warn: !found.good, title: found.title, parts: says });
    let Some(claims) = found.claims else { return screen };
    let mut parts = vec![Part::Facts(claims.person)];
    parts.extend(claims.entries.into_iter().map(|entry| Part::Entry {
        title: entry.title,
        tag: None,
        lines: entry.day.into_iter().collect(),
        parts: vec![Part::Facts(entry.facts)],
    }));
    screen.sheet(claims.heading, parts)
}

/// The texts of the QR codes in a picture, one a line.
///
/// # Errors
/// `Invalid` when there is no code in it, or the picture is too large.
pub async fn read_picture(picture: Vec<u8>) -> Result<String, Error> {
    let turn = TURNS.acquire().await.map_err(|error| Error::unexpected("picture", &error))?;
    let codes = spawn_blocking(move || {
        let codes = codes_in_picture(&picture);
        // Here, so that a request that is given up does not let the next one in too early.
        drop(turn);
        codes
    });
    let codes = codes.await.map_err(|error| Error::unexpected("picture", &error))?;
    codes.map(|codes| codes.join("\n")).map_err(|why| Error::field("card_file", why))
}

/// The texts of the QR codes in a picture (JPEG, PNG or WebP).
fn codes_in_picture(picture: &[u8]) -> Result<Vec<String>, Why> {
    let mut limits = image::Limits::no_limits();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = image::ImageReader::new(std::io::Cursor::new(picture)).with_guessed_format().map_err(|_| Why::NoCodeInPicture)?;
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => Why::PictureLarge,
        _ => Why::NoCodeInPicture,
    })?;
    let larger = picture.width().max(picture.height());
    let sizes = picture::SIDES.into_iter().filter(|side| side.is_none_or(|side| side < larger));
    let mut looks = sizes.map(|side| {
        let sized = side.map_or_else(|| picture.to_luma8(), |side| picture.thumbnail(side, side).to_luma8());
        picture::codes(sized.width() as usize, sized.height() as usize, sized.as_raw())
    });
    looks.find(|found| !found.is_empty()).ok_or(Why::NoCodeInPicture)
}

fn words(t: Texts) -> Words {
    let owned = str::to_owned;
    Words {
        holds: t.verify_holds("{name}"),
        holds_text: owned(t.verify_holds_text()),
        holds_as_signed_text: owned(t.verify_holds_as_signed_text()),
        unknown: owned(t.verify_unknown()),
        unknown_text: owned(t.verify_unknown_text()),
        wrong: owned(t.verify_wrong()),
        wrong_text: owned(t.verify_wrong_text()),
        unknown_key_text: owned(t.verify_unknown_key_text()),
        revoked: owned(t.verify_revoked()),
        revoked_text: owned(t.verify_revoked_text()),
        not_now: owned(t.verify_not_now()),
        not_yet_text: owned(t.verify_not_yet_text()),
        expired_text: owned(t.verify_expired_text()),
        no_card: owned(t.verify_no_card()),
        no_code: owned(t.why_no_code_in_picture()),
        fault_none: owned(t.verify_fault_none()),
        fault_parts: t.verify_fault_parts("{found}", "{of}"),
        fault_digits: owned(t.verify_fault_digits()),
        fault_shape: owned(t.verify_fault_shape()),
        fault_header: owned(t.verify_fault_header()),
        fault_compression: owned(t.verify_fault_compression()),
        fault_content: owned(t.verify_fault_content()),
        fault_many: t.verify_fault_many("{most}"),
        claims: owned(t.verify_claims()),
        claims_unchecked: owned(t.verify_claims_unchecked()),
        name: owned(t.personal_name()),
        birth_date: owned(t.personal_birth_date()),
        value: owned(t.results_value()),
        lot: owned(t.verify_lot()),
        by: owned(t.verify_by()),
        status: owned(t.verify_status()),
        not_given: owned(t.verify_not_given()),
        in_error: owned(t.verify_in_error()),
        preliminary: owned(t.verify_preliminary()),
        cancelled: owned(t.verify_cancelled()),
        corrected: owned(t.verify_corrected()),
        yes: owned(t.family_yes()),
        no: owned(t.family_no()),
        detected: owned(t.verify_detected()),
        not_detected: owned(t.verify_not_detected()),
        positive: owned(t.verify_positive()),
        negative: owned(t.verify_negative()),
        months: owned(t.dates_months()),
        date: t.dates_date("{day}", "{month}", "{year}"),
        camera_refused: owned(t.verify_camera_refused()),
        camera_parts: t.verify_camera_parts("{found}", "{of}"),
        camera_looks: owned(t.verify_camera_looks()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the published examples, where they are; a user's machine has none.
    #[test]
    fn a_photographed_code_is_read() {
        let folder = std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/fhir/shc/vaccination-ig"));
        if !folder.is_dir() {
            return;
        }
        let picture = std::fs::read(folder.join("Scenario1Bundle-qr-code-0.png")).expect("a picture");
        let codes = codes_in_picture(&picture).expect("a code");
        assert_eq!(codes.len(), 1);
        let said = std::fs::read_to_string(folder.join("Scenario1Bundle-qr-code-numeric-value-0.txt")).expect("a text");
        assert_eq!(codes[0].trim(), said.trim());
    }

    #[test]
    fn what_is_no_picture_has_no_codes() {
        assert_eq!(codes_in_picture(b"no picture"), Err(Why::NoCodeInPicture));
    }

    /// Too wide, and within the sides but 75 MB of colours.
    #[test]
    fn a_picture_that_would_fill_the_memory_is_not_unfolded() {
        let png = |picture: image::DynamicImage| {
            let mut file = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut file, image::ImageFormat::Png).expect("a PNG");
            file.into_inner()
        };
        assert_eq!(codes_in_picture(&png(image::DynamicImage::new_luma8(7000, 40))), Err(Why::PictureLarge));
        assert_eq!(codes_in_picture(&png(image::DynamicImage::new_rgb8(5000, 5000))), Err(Why::PictureLarge));
        assert_eq!(codes_in_picture(&png(image::DynamicImage::new_luma8(400, 400))), Err(Why::NoCodeInPicture));
    }
}
