//! Photos of people: decoded, made small and square, and encoded anew, so that no metadata and no trick of a file survives.

use std::io::Cursor;

use image::{ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType};

use super::model::PHOTO_SIDE;
use crate::{
    base::{error::Error, text::MOST_BYTES, why::Why},
    features::family::problem,
};

/// A JPEG of [`PHOTO_SIDE`] pixels squared, from the middle of a JPEG, PNG or WebP.
///
/// # Errors
/// `Invalid` at the field `photo` for what is too large or no picture.
pub fn small_square(file: &[u8]) -> Result<Vec<u8>, Error> {
    if file.len() > MOST_BYTES {
        return Err(Error::field("photo", Why::FILE_LARGE));
    }
    let refused = || Error::field("photo", problem::FILE_KIND);
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| refused())?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(12_000), Some(12_000), Some(256 * 1024 * 1024));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| refused())?;
    let orientation = image::ImageDecoder::orientation(&mut decoder).unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = image::DynamicImage::from_decoder(decoder).map_err(|_| refused())?;
    picture.apply_orientation(orientation);
    let small = picture.resize_to_fill(PHOTO_SIDE, PHOTO_SIDE, FilterType::Triangle).to_rgb8();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 82).encode_image(&small).map_err(|error| Error::unexpected("photo", &error))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
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
