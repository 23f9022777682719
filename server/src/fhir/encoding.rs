//! From the bytes of a file to its text.

/// The text of a file: UTF-8, as JSON demands, with or without a mark, or UTF-16 with one.
///
/// # Errors
/// What it is instead.
pub fn text(bytes: Vec<u8>) -> Result<String, String> {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(&bytes) {
        let (text, broken) = encoding.decode_without_bom_handling(&bytes[length..]);
        return if broken { Err(format!("damaged {} text", encoding.name())) } else { Ok(text.into_owned()) };
    }
    if bytes.len() > MOST {
        return Err(format!("larger than {} MB, which is the most that is taken: divide the file", MOST / 1_000_000));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("not UTF-8 text from byte {} on, which JSON must be: write the file anew in UTF-8", at + 1)
    })
}

/// What an XML file is, in words. C-CDA is the XML that hospitals hand out.
pub fn is_xml(text: &str) -> Option<&'static str> {
    let start: String = text.trim_start().chars().take(4000).collect();
    if !start.starts_with('<') {
        return None;
    }
    Some(if start.contains("ClinicalDocument") {
        "a C-CDA document: these are not read yet, ask for the records as FHIR R4 in JSON"
    } else {
        "XML: only FHIR R4 in JSON is read"
    })
}

/// Bytes of a file. The longest text that both databases keep is 1,000 MB.
const MOST: usize = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_in_its_encoding_or_named() {
        let words = r#"{"a":"Zoë"}"#;
        let utf_16: Vec<u8> = [0xfeff].into_iter().chain(words.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [words.as_bytes().to_vec(), [b"\xef\xbb\xbf", words.as_bytes()].concat(), utf_16] {
            assert_eq!(text(bytes).as_deref(), Ok(words));
        }
        assert!(text(b"{\"a\":\"Zo\xeb\"}".to_vec()).is_err_and(|reason| reason.starts_with("not UTF-8 text from byte 9 on")));
        assert!(is_xml("\n<?xml version=\"1.0\"?><ClinicalDocument>").is_some_and(|what| what.starts_with("a C-CDA")));
        assert_eq!(is_xml("{}"), None);
    }
}
