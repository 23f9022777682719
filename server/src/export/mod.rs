//! A record as a file: one ZIP with a PDF, a web page and FHIR.

mod files;
mod html;
mod pdf;

use std::io::{Cursor, Write};

use app::{
    access::{DelegatedAccess, Grant, policy::TakeAlong},
    base::{
        boot::Brand,
        error::Error,
        i18n::{Texts, param},
    },
    features::health,
    record::chapter::Chapter,
};
use chrono::{Datelike, NaiveDateTime, Timelike};
use serde_json::Value;
use zip::{AesMode, CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// What the file says about itself.
pub struct Cover {
    /// The language of its words, as a BCP 47 tag.
    pub language: &'static str,
    /// Whose record it is.
    pub name: String,
    /// The lines under the name: birth date, when it was made, from where.
    pub lines: Vec<String>,
    /// "Page {page} of {pages}".
    pub page: fn(Texts, &str, &str) -> String,
    pub texts: Texts,
    /// Says that not all could be drawn, and where it can be read.
    pub not_drawn: String,
}

/// The cover of what somebody takes along of a chart.
///
/// # Errors
/// `NotFound` when the chart is closed to the reader.
pub async fn cover(grant: &Grant<TakeAlong>, reader: &DelegatedAccess, brand: &Brand) -> Result<Cover, Error> {
    let t = grant.texts();
    let (name, born) = health::cover(reader, grant.patient()).await?;
    let made = t.take_made(
        param::At(&t.date_and_time(grant.now().instant, &grant.zone())),
        param::Organisation(&brand.organisation),
        param::Product(&brand.product),
    );
    Ok(Cover {
        language: grant.locale().tag(),
        name,
        lines: vec![born, made, t.take_only(&brand.organisation)],
        page: |t, page, pages| t.take_page(param::Page(page), param::Pages(pages)),
        texts: t,
        not_drawn: t.take_not_drawn(t.take_title()),
    })
}

/// Sections as a tagged PDF.
///
/// # Errors
/// A sentence for the log.
pub fn as_pdf(cover: &Cover, chapters: &[Chapter]) -> Result<Vec<u8>, String> {
    pdf::write(cover, chapters)
}

/// Puts the three forms of a record and its files into one ZIP, encrypted with AES-256 where a password is given.
///
/// # Errors
/// A sentence for the log.
pub fn package(cover: &Cover, chapters: &[Chapter], bundle: &Value, password: Option<&str>, at: NaiveDateTime) -> Result<Vec<u8>, String> {
    let pdf = pdf::write(cover, chapters)?;
    let page = html::write(cover, chapters);
    let fhir = serde_json::to_vec_pretty(bundle).map_err(|error| error.to_string())?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    // Without a time, programs show files of 1980.
    let plain = plain.last_modified_time(written_at(at));
    let forms = [("health-record.pdf", pdf), ("health-record.html", page.into_bytes()), ("health-record.fhir.json", fhir)];
    for (name, content) in forms.into_iter().map(|(name, content)| (name.to_owned(), content)).chain(files::of(bundle)) {
        let options = match password {
            Some(password) => plain.with_aes_encryption(AesMode::Aes256, password),
            None => plain,
        };
        zip.start_file(name, options).map_err(|error| error.to_string())?;
        zip.write_all(&content).map_err(|error| error.to_string())?;
    }
    Ok(zip.finish().map_err(|error| error.to_string())?.into_inner())
}

/// A local time as ZIP files have it: of the years 1980 to 2107, in steps of two seconds.
fn written_at(at: NaiveDateTime) -> zip::DateTime {
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    zip::DateTime::from_date_and_time(year, part(at.month()), part(at.day()), part(at.hour()), part(at.minute()), part(at.second()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use app::{
        base::i18n::{Locale, Texts},
        record::chapter::RecordSection,
        view::document::Part,
    };
    use zip::ZipArchive;

    use super::*;

    pub fn cover() -> Cover {
        Cover {
            language: "en",
            name: "Ana Núñez".into(),
            lines: vec!["Born May 3, 1988".into()],
            page: |t, page, pages| t.take_page(param::Page(page), param::Pages(pages)),
            texts: Texts(Locale::En),
            not_drawn: "Not all could be drawn.".into(),
        }
    }

    pub fn chapter() -> Chapter {
        let facts = Part::Facts(vec![("Dose".into(), "1 tablet once a day".into())]);
        let row = ["Nov 3, 2026", "Sodium", "141 mmol/L", "135–145 mmol/L", "within the usual range"].map(str::to_owned).to_vec();
        Chapter {
            section: RecordSection::Medications,
            heading: "Medications".into(),
            parts: vec![
                Part::Heading("Current".into()),
                Part::Entry { title: "Lisinopril".into(), tag: None, lines: vec!["Since 2026".into()], parts: vec![facts] },
                Part::Lines(vec!["One".into(), "Two & <three>".into()]),
                Part::Table {
                    caption: "Values".into(),
                    head: ["Day", "Name", "Value", "Range", "Says"].map(str::to_owned).to_vec(),
                    rows: vec![row; 80],
                },
            ],
            resources: Vec::new(),
        }
    }

    #[test]
    fn a_password_is_needed_where_one_was_chosen() {
        let bundle = serde_json::json!({"resourceType": "Bundle"});
        let at = chrono::NaiveDate::from_ymd_opt(2026, 11, 26).and_then(|day| day.and_hms_opt(9, 30, 0)).expect("a time");
        let file = package(&cover(), &[chapter()], &bundle, Some("river plum"), at).expect("a file");
        let mut zip = ZipArchive::new(Cursor::new(file)).expect("a zip");
        assert_eq!(zip.len(), 3);
        assert!(zip.by_index(0).is_err(), "not without the password");
        assert!(zip.by_index_decrypt(0, b"wrong").is_err());
        let mut text = String::new();
        zip.by_name_decrypt("health-record.fhir.json", b"river plum").expect("it opens").read_to_string(&mut text).expect("text");
        assert!(text.contains("\"Bundle\""));
        let open = package(&cover(), &[], &bundle, None, at).expect("a file");
        assert!(ZipArchive::new(Cursor::new(open)).expect("a zip").by_index(2).is_ok());
    }
}
