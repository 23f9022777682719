//! QR codes in pictures.

/// The texts of the QR codes in a picture of `width` times `height` brightness values, row by row.
pub fn codes(width: usize, height: usize, brightness: &[u8]) -> Vec<String> {
    if width == 0 || height == 0 || brightness.len() < width * height {
        return Vec::new();
    }
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| brightness[y * width + x]);
    let mut found: Vec<String> = Vec::new();
    for grid in prepared.detect_grids() {
        if let Ok((_, text)) = grid.decode()
            && !found.contains(&text)
        {
            found.push(text);
        }
    }
    found
}

/// Larger sides at which a photo is looked at, in pixels, one after the other until a code is found: fine codes need it large,
/// blurred ones small. Nothing stands for the photo as it is.
pub const SIDES: [Option<u32>; 3] = [None, Some(1600), Some(900)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_on_a_screen_is_read() {
        let said = format!("shc:/{}", "5676".repeat(200));
        let code = qrcode::QrCode::with_error_correction_level(&said, qrcode::EcLevel::L).expect("a code");
        let (side, scale, quiet) = (code.width(), 4, 4);
        let modules = code.to_colors();
        let whole = (side + 2 * quiet) * scale;
        let dark = |x: usize, y: usize| {
            let (x, y) = ((x / scale).wrapping_sub(quiet), (y / scale).wrapping_sub(quiet));
            x < side && y < side && modules[y * side + x] == qrcode::Color::Dark
        };
        let picture: Vec<u8> = (0..whole * whole).map(|at| if dark(at % whole, at / whole) { 0 } else { 255 }).collect();
        assert_eq!(codes(whole, whole, &picture), [said]);
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        assert!(codes(0, 0, &[]).is_empty());
        assert!(codes(40, 40, &[0; 10]).is_empty(), "too few values");
        assert!(codes(40, 40, &[255; 1600]).is_empty());
    }
}
