//! What a file is, judged by its bytes, and the name that it keeps.

use crate::base::text::visible;

/// Letters of a file's name.
const NAME: usize = 120;

/// What a file is by its first bytes, whatever its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Picture,
    Pdf,
    Text,
}

impl FileKind {
    pub fn of(first: &[u8]) -> Option<Self> {
        match first {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(FileKind::Pdf),
            [0xFF, 0xD8, 0xFF, ..] | [0x89, b'P', b'N', b'G', ..] => Some(FileKind::Picture),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(FileKind::Picture),
            first if !first.iter().any(|byte| is_control(*byte)) => Some(FileKind::Text),
            _ => None,
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Picture => "image/jpeg",
            FileKind::Pdf => "application/pdf",
            FileKind::Text => "text/plain",
        }
    }

    pub fn ending(self) -> &'static str {
        match self {
            FileKind::Picture => "jpg",
            FileKind::Pdf => "pdf",
            FileKind::Text => "txt",
        }
    }
}

/// Bytes that no text has.
pub fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t' | 0x0C)
}

/// The name that a file keeps, with the ending of what it is.
pub fn name(sent: &str, kind: Option<FileKind>) -> String {
    let name = visible(sent.rsplit(['/', '\\']).next().unwrap_or_default()).replace(['\n', '\r', '\t', '"'], " ");
    let name: String = name.trim().chars().take(NAME).collect();
    let (stem, _) = name.rsplit_once('.').unwrap_or((&name, ""));
    let stem = if stem.is_empty() { "file" } else { stem };
    kind.map_or_else(|| name.clone(), |kind| format!("{stem}.{}", kind.ending()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_are() {
        let of = |bytes: &[u8]| FileKind::of(bytes).map(FileKind::ending);
        assert_eq!(of(b"%PDF-1.7"), Some("pdf"));
        assert_eq!(of(&[0xFF, 0xD8, 0xFF, 0xE0]), Some("jpg"));
        assert_eq!(of(b"RIFF\x10\x00\x00\x00WEBPVP8 "), Some("jpg"));
        assert_eq!(of("Preguntas para mañana".as_bytes()), Some("txt"));
        assert_eq!(of(b"MZ\x90\x00\x03"), None, "a program");
        assert_eq!(of(b"PK\x03\x04"), None, "an archive");
        assert_eq!(of(b"\x00\x00\x00\x18ftypheic"), None);
    }

    #[test]
    fn names_keep_no_path_and_get_the_ending_of_what_they_are() {
        assert_eq!(name("C:\\fakepath\\Letter.PDF", Some(FileKind::Pdf)), "Letter.pdf");
        assert_eq!(name("../../etc/passwd", Some(FileKind::Text)), "passwd.txt");
        assert_eq!(name("photo.HEIC.png", Some(FileKind::Picture)), "photo.HEIC.jpg");
        assert_eq!(name("a\"b\u{202e}gpj.exe", Some(FileKind::Pdf)), "a bgpj.pdf");
        assert_eq!(name("", Some(FileKind::Pdf)), "file.pdf");
        assert_eq!(name(&"x".repeat(500), None).chars().count(), NAME);
    }
}
