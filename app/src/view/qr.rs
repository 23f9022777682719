//! QR codes as pictures.

use qrcode::{Color, EcLevel, QrCode, render::svg};

use crate::base::error::Error;

/// The modules of a QR code, row by row, and how many a row has; a dark one is `true`.
///
/// # Errors
/// When the text is too long for any code.
pub fn modules(text: &str) -> Result<(usize, Vec<bool>), Error> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| Error::unexpected("QR code", &error))?;
    Ok((code.width(), code.to_colors().into_iter().map(|color| color == Color::Dark).collect()))
}

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
