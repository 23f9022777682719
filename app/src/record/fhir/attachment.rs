//! Attachment: the files that a DocumentReference or a DiagnosticReport carries, or points at.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::narrative::sanitised;
use crate::record::note::model::Format;

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
    let words = decode(bytes(attachment)?, &kind);
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

/// UTF-8; what is not must be Latin-1, in which every byte is a letter.
fn decode(bytes: Vec<u8>, kind: &str) -> String {
    let latin = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect();
    if kind.contains("8859-1") {
        return latin(&bytes);
    }
    String::from_utf8(bytes).unwrap_or_else(|error| latin(error.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attached(kind: &str, content: &str) -> Value {
        json!({"contentType": kind, "data": BASE64_STANDARD.encode(content)})
    }

    #[test]
    fn text_is_read_in_both_encodings() {
        assert_eq!(decode("año".as_bytes().to_vec(), "text/plain"), "año");
        assert_eq!(decode(vec![b'a', 0xf1, b'o'], "text/plain"), "año");
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
