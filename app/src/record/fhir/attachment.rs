//! Attachment: the files that a DocumentReference or a DiagnosticReport carries, or points at.

use base64::{Engine, prelude::BASE64_STANDARD};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde_json::Value;

use super::narrative::sanitised;
use crate::{base::text::visible, record::note::model::Format};

/// Its attachments, in their order.
pub fn of(resource: &Value) -> impl Iterator<Item = &Value> {
    let content = resource["content"].as_array().into_iter().flatten().map(|content| &content["attachment"]);
    content.chain(resource["presentedForm"].as_array().into_iter().flatten())
}

/// The words of an attachment that is a text, as a note keeps them. Texts that only a program reads, such as XML and RTF, are
/// files.
pub fn text(attachment: &Value) -> Option<(Format, String)> {
    let kind = attachment["contentType"].as_str().unwrap_or_default().to_lowercase();
    let name = media_type(&kind);
    let format = match name {
        "text/html" => Format::Html,
        _ if name.starts_with("application/xhtml") => Format::Html,
        "text/xml" | "text/rtf" | "text/richtext" | "text/calendar" | "text/vcard" => return None,
        _ if name.starts_with("text/") => Format::Text,
        _ => return None,
    };
    let words = decode(&bytes(attachment)?, &kind);
    let words = if format == Format::Html { sanitised(&words) } else { words };
    (!words.trim().is_empty()).then_some((format, words))
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
    let kind = attachment["contentType"].as_str().unwrap_or_default().to_lowercase();
    match media_type(&kind) {
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
    use serde_json::json;

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
}
