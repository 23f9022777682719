//! Attachment: the files that a DocumentReference, a DiagnosticReport or a Communication carries, or points at.

use base64::{Engine, prelude::BASE64_STANDARD};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde_json::{Value, json};

use super::{labels, modifier, narrative::sanitised};
use crate::{
    base::text::visible,
    record::{note::model::Format, resource::reference},
};

/// Whether a file may be handed to whoever reads what names it: it may bear labels of its own, and say what only its source
/// understands.
pub fn is_for_every_reader(binary: &Value) -> bool {
    let labels = labels::of(binary);
    !labels.withheld() && !labels.sensitive && !modifier::is_changed(binary)
}

/// Its attachments, in their order.
pub fn of(resource: &Value) -> impl Iterator<Item = &Value> {
    let list = |member: &str| resource[member].as_array().into_iter().flatten();
    let content = list("content").map(|content| &content["attachment"]);
    let payload = list("payload").filter_map(|payload| payload.get("contentAttachment"));
    content.chain(list("presentedForm")).chain(payload)
}

/// The same, to be filled.
pub fn of_mut(resource: &mut Value) -> impl Iterator<Item = &mut Value> {
    let Value::Object(members) = resource else { return Vec::new().into_iter() };
    let mut found = Vec::new();
    let (mut content, mut forms, mut payload) = (None, None, None);
    for (name, member) in members {
        match name.as_str() {
            "content" => content = member.as_array_mut(),
            "presentedForm" => forms = member.as_array_mut(),
            "payload" => payload = member.as_array_mut(),
            _ => {}
        }
    }
    found.extend(content.into_iter().flatten().filter_map(|content| content.get_mut("attachment")));
    found.extend(forms.into_iter().flatten());
    found.extend(payload.into_iter().flatten().filter_map(|payload| payload.get_mut("contentAttachment")));
    found.into_iter()
}

/// Where the content of an attachment is, when it is not in it: the reference to a Binary, as [`Reference`] is written.
///
/// [`Reference`]: super::reference
pub fn binary(attachment: &Value) -> Option<Value> {
    let url = attachment["url"].as_str().filter(|_| !attachment["data"].is_string())?;
    reference::binary(url).map(|url| json!({ "reference": url }))
}

/// Puts the content of a Binary into an attachment, which keeps its own type where it says one.
pub fn fill(attachment: &mut Value, binary: &Value) {
    let Value::Object(members) = attachment else { return };
    members.insert("data".into(), binary["data"].clone());
    if !members.get("contentType").is_some_and(Value::is_string) {
        members.insert("contentType".into(), binary["contentType"].clone());
    }
}

/// The words of an attachment that is a text, as a note keeps them. Texts that only a program reads, such as XML and RTF, are
/// files.
pub fn text(attachment: &Value) -> Option<(Format, String)> {
    let declared = declared(attachment);
    let format = match media_type(&declared) {
        "" => None,
        "text/html" => Some(Format::Html),
        name if name.starts_with("application/xhtml") => Some(Format::Html),
        "text/xml" | "text/rtf" | "text/richtext" | "text/calendar" | "text/vcard" => return None,
        name if name.starts_with("text/") => Some(Format::Text),
        _ => return None,
    };
    let bytes = bytes(attachment)?;
    let format = format.or_else(|| match looks_like(&bytes)? {
        "text/html" => Some(Format::Html),
        "text/plain" => Some(Format::Text),
        _ => None,
    })?;
    let words = decode(&bytes, &declared);
    let words = if format == Format::Html { sanitised(&words) } else { words };
    (!words.trim().is_empty()).then_some((format, words))
}

/// The declared media type in small letters, with its parameters; empty where there is none.
fn declared(attachment: &Value) -> String {
    attachment["contentType"].as_str().unwrap_or_default().trim().to_lowercase()
}

/// What a file without a type is, by its first bytes; nothing of what cannot be told.
fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    const SIGNS: [(&[u8], &str); 7] = [
        (b"%PDF-", "application/pdf"),
        (b"{\\rtf", "application/rtf"),
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"<?xml", "application/xml"),
    ];
    if let Some((_, found)) = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign)) {
        return Some(found);
    }
    // No text has these; UTF-16 has empty bytes, and says so by its mark.
    let is_marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if !is_marked && bytes.iter().any(|byte| *byte < 0x20 && !byte.is_ascii_whitespace()) {
        return None;
    }
    let words = decode(bytes, "");
    let start = words.trim_start().to_lowercase();
    let is_html = ["<!doctype html", "<html", "<div", "<p>", "<body"].iter().any(|tag| start.starts_with(tag));
    Some(if is_html { "text/html" } else { "text/plain" })
}

/// The attachments that can be downloaded: they carry their content, and are no notes.
pub fn files(resource: &Value) -> impl Iterator<Item = (&Value, Vec<u8>)> {
    of(resource).filter(|attachment| text(attachment).is_none()).filter_map(|attachment| Some((attachment, bytes(attachment)?)))
}

/// Whether there is an address instead of the file.
pub fn is_elsewhere(attachment: &Value) -> bool {
    attachment["url"].is_string() && bytes(attachment).is_none()
}

/// The media type under which a file is sent, and the ending of its name. What browsers might run is sent as bytes.
pub fn kind(attachment: &Value) -> (&'static str, &'static str) {
    let declared = declared(attachment);
    let looked_at = || bytes(attachment).and_then(|bytes| looks_like(&bytes)).unwrap_or_default();
    match if declared.is_empty() { looked_at() } else { media_type(&declared) } {
        "application/pdf" => ("application/pdf", "pdf"),
        "image/jpeg" => ("image/jpeg", "jpg"),
        "image/png" => ("image/png", "png"),
        "image/tiff" => ("image/tiff", "tiff"),
        "application/dicom" => ("application/dicom", "dcm"),
        "application/xml" | "text/xml" => ("application/xml", "xml"),
        "application/rtf" | "text/rtf" | "text/richtext" => ("application/rtf", "rtf"),
        "application/msword" => ("application/msword", "doc"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => {
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")
        }
        _ => ("application/octet-stream", "bin"),
    }
}

/// "text/plain" of "text/plain; charset=utf-8".
fn media_type(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

fn bytes(attachment: &Value) -> Option<Vec<u8>> {
    let encoded: String = attachment["data"].as_str()?.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(encoded).ok().filter(|bytes| !bytes.is_empty())
}

/// As the bytes' own mark says, or the media type; otherwise UTF-8, and what is not, Windows-1252, of which Latin-1 is a part. What
/// cannot be seen falls away: databases refuse it.
fn decode(bytes: &[u8], kind: &str) -> String {
    let told = || Encoding::for_label(kind.split_once("charset=")?.1.split(';').next()?.trim().trim_matches(['"', '\'']).as_bytes());
    let encoding = match told().filter(|told| *told != UTF_8) {
        Some(told) if told == UTF_16LE || told == UTF_16BE => utf_16(bytes).unwrap_or(told),
        Some(told) => told,
        None => match utf_16(bytes) {
            Some(found) => found,
            None if str::from_utf8(bytes).is_ok() => UTF_8,
            None => WINDOWS_1252,
        },
    };
    // A mark at the beginning decides.
    let (words, _, _) = encoding.decode(bytes);
    visible(&words).into_owned()
}

/// Which half of each pair of bytes is empty, as in UTF-16 without a mark: it is so in no other text.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let empty = |from: usize| bytes.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second, pairs) = (empty(0), empty(1), bytes.len() / 2);
    match () {
        () if pairs == 0 || bytes.len() % 2 == 1 => None,
        () if second * 2 > pairs && first * 10 < pairs => Some(UTF_16LE),
        () if first * 2 > pairs && second * 10 < pairs => Some(UTF_16BE),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached(kind: &str, content: &str) -> Value {
        json!({"contentType": kind, "data": BASE64_STANDARD.encode(content)})
    }

    #[test]
    fn text_is_read_in_the_encoding_that_it_is_in() {
        let utf_16 = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        let windows = b"Patient\x92s mood \x93better\x94 \x96 costs 20 \x80, na\xefve".to_vec();
        for (kind, bytes, words) in [
            ("text/plain", "año".as_bytes().to_vec(), "año"),
            ("text/plain", vec![b'a', 0xf1, b'o'], "año"),
            ("text/plain; charset=iso-8859-1", vec![b'1', 0x96, b'2', 0xf1], "1–2ñ"),
            ("text/plain; charset=windows-1252", windows.clone(), "Patient’s mood “better” – costs 20 €, naïve"),
            ("text/plain", windows.clone(), "Patient’s mood “better” – costs 20 €, naïve"),
            ("text/plain;charset=\"cp1252\"; x=y", windows, "Patient’s mood “better” – costs 20 €, naïve"),
            ("text/plain; charset=utf-16", [b"\xff\xfe".to_vec(), utf_16("Kurz und gut.", true)].concat(), "Kurz und gut."),
            ("text/plain", [b"\xfe\xff".to_vec(), utf_16("Kurz – gut.", false)].concat(), "Kurz – gut."),
            ("text/plain; charset=utf-16", utf_16("Kurz und gut.", false), "Kurz und gut."),
            ("text/plain", utf_16("Kurz und gut.", true), "Kurz und gut."),
            ("text/plain; charset=utf-16le", utf_16("李小雨", true), "李小雨"),
            ("text/plain", "\u{feff}año".as_bytes().to_vec(), "año"),
            ("text/plain; charset=utf-8", vec![b'a', 0xf1, b'o'], "año"),
            ("text/plain; charset=unknown", "año".as_bytes().to_vec(), "año"),
            ("text/plain", b"a\x00b\x07\tc".to_vec(), "ab\tc"),
        ] {
            assert_eq!(decode(&bytes, kind), words, "{kind}");
        }
    }

    #[test]
    fn what_people_can_read_is_a_note_and_everything_else_a_file() {
        let page = "<html><head><title>x</title></head><body><p>Clear lungs.</p></body></html>";
        for kind in ["text/html", "application/xhtml", "application/xhtml+xml; charset=utf-8"] {
            let (format, words) = text(&attached(kind, page)).expect("words");
            assert_eq!((format, words.trim()), (Format::Html, "<p>Clear lungs.</p>"), "{kind}");
        }
        for kind in ["text/plain", "TEXT/PLAIN; charset=utf-8", "text/csv", "text/markdown"] {
            assert_eq!(text(&attached(kind, "a,b")), Some((Format::Text, "a,b".into())), "{kind}");
        }
        for (kind, ending) in
            [("application/pdf", "pdf"), ("text/rtf", "rtf"), ("text/xml; charset=utf-8", "xml"), ("image/svg+xml", "bin")]
        {
            let report = json!({"presentedForm": [attached(kind, "x")]});
            let endings: Vec<&str> = files(&report).map(|(file, _)| super::kind(file).1).collect();
            assert_eq!(endings, [ending], "{kind}");
        }
    }

    #[test]
    fn an_address_alone_is_no_file() {
        let document = json!({"content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/1"}}]});
        assert!(files(&document).next().is_none() && of(&document).all(is_elsewhere));
        assert!(!is_elsewhere(&attached("text/plain", "a")));
    }

    #[test]
    fn a_file_without_a_type_is_looked_at() {
        let bare = |content: &[u8]| json!({"data": BASE64_STANDARD.encode(content)});
        assert_eq!(text(&bare(b"No type was sent.")), Some((Format::Text, "No type was sent.".into())));
        assert_eq!(text(&bare(b"<div><p>Rest</p></div>")).map(|(format, _)| format), Some(Format::Html));
        for (content, ending) in [(&b"%PDF-1.4"[..], "pdf"), (b"{\\rtf1 x}", "rtf"), (b"\x01\x02\x03", "bin")] {
            assert_eq!((text(&bare(content)), kind(&bare(content)).1), (None, ending), "{content:?}");
        }
    }

    #[test]
    fn an_address_of_a_binary_is_a_reference_and_its_content_fills_the_attachment() {
        for (url, wanted) in [
            ("Binary/1", Some("Binary/1")),
            ("https://ehr.example/fhir/Binary/1", Some("https://ehr.example/fhir/Binary/1")),
            ("#inside", Some("#inside")),
            ("https://ehr.example/letters/1.pdf", None),
        ] {
            let reference = binary(&json!({"url": url}));
            assert_eq!(reference.as_ref().and_then(|reference| reference["reference"].as_str()), wanted, "{url}");
        }
        assert_eq!(binary(&json!({"url": "Binary/1", "data": "QQ=="})), None);
        let mut document =
            json!({"content": [{"attachment": {"url": "Binary/1"}}], "presentedForm": [{"url": "Binary/2", "contentType": "text/html"}]});
        for attachment in of_mut(&mut document) {
            fill(attachment, &json!({"contentType": "text/plain", "data": "QQ=="}));
        }
        let found: Vec<(&str, &str)> =
            of(&document).filter_map(|file| Some((file["contentType"].as_str()?, file["data"].as_str()?))).collect();
        assert_eq!(found, [("text/plain", "QQ=="), ("text/html", "QQ==")]);
    }
}
