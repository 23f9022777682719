//! QR codes as pictures.

use qrcode::{EcLevel, QrCode, render::svg};

use crate::base::error::Error;

/// A QR code as a picture for `<img src>`, at least so many pixels wide.
///
/// # Errors
/// When the text is too long for any code.
pub fn picture(text: &str, level: EcLevel, pixels: u32) -> Result<String, Error> {
    let code = QrCode::with_error_correction_level(text, level).map_err(|error| Error::unexpected("QR code", &error))?;
    let svg = code.render::<svg::Color>().min_dimensions(pixels, pixels).quiet_zone(true).build();
    let encoded: String = svg
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'=' | b'/' | b':' | b'.' | b'-' | b',' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    Ok(format!("data:image/svg+xml,{encoded}"))
}
