//! Files that come with requests.

/// A file that comes with a request.
pub struct Attached {
    pub name: String,
    pub media_type: &'static str,
    pub body: Vec<u8>,
}

/// What a file is by its first bytes, whatever its name says.
pub fn media_type(file: &[u8]) -> Option<&'static str> {
    match file {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        _ => None,
    }
}
