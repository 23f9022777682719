//! Pictures that people upload: decoded within limits and encoded anew, so that no metadata and no trick of a file survives.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops, metadata::Orientation,
};

/// Pixels of a side.
const MOST_SIDE: u32 = 12_000;
/// Bytes of a decoded picture.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// A JPEG, PNG or WebP, turned as its metadata says; nothing for what is no picture, or a larger one than anybody takes.
pub fn decoded(file: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(MOST_SIDE), Some(MOST_SIDE), Some(MOST_MEMORY));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

/// What can be seen through is white: a JPEG has nothing to see through.
pub fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let mut white = DynamicImage::from(RgbImage::from_pixel(picture.width(), picture.height(), Rgb([255, 255, 255])));
    imageops::overlay(&mut white, picture, 0, 0);
    white.to_rgb8()
}

/// # Errors
/// When it cannot be encoded.
pub fn jpeg(picture: &RgbImage) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 82).encode_image(picture)?;
    Ok(bytes)
}
