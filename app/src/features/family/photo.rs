//! Photos of people: decoded, made small and square, and encoded anew, so that no metadata and no trick of a file survives.

use image::imageops::FilterType;

use super::model::PHOTO_SIDE;
use crate::{
    base::{error::Error, text::MOST_BYTES, why::Why},
    features::family::problem,
    platform::picture,
};

/// A JPEG of [`PHOTO_SIDE`] pixels squared, from the middle of a JPEG, PNG or WebP.
///
/// # Errors
/// `Invalid` at the field `photo` for what is too large or no picture.
pub fn small_square(file: &[u8]) -> Result<Vec<u8>, Error> {
    if file.len() > MOST_BYTES {
        return Err(Error::field("photo", Why::FILE_LARGE));
    }
    let picture = picture::decoded(file).ok_or_else(|| Error::field("photo", problem::FILE_KIND))?;
    let small = picture.resize_to_fill(PHOTO_SIDE, PHOTO_SIDE, FilterType::Triangle).to_rgb8();
    picture::jpeg(&small).map_err(|error| Error::unexpected("photo", &error))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat, RgbImage};

    use super::*;

    #[test]
    fn a_photo_is_made_anew_and_small() {
        let mut png = Vec::new();
        let picture = DynamicImage::from(RgbImage::from_pixel(640, 480, image::Rgb([200, 120, 80])));
        picture.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).expect("a picture");
        let small = small_square(&png).expect("a photo");
        let read = image::load_from_memory(&small).expect("a JPEG");
        assert_eq!((read.width(), read.height()), (PHOTO_SIDE, PHOTO_SIDE));
        assert!(small.starts_with(&[0xFF, 0xD8, 0xFF]) && small.len() < 20_000);
        assert!(small_square(b"<svg onload=alert(1)>").is_err());
        assert!(small_square(&vec![0xFF; MOST_BYTES + 1]).is_err());
    }
}
