//! Pictures that people upload: decoded within limits and encoded anew, so that no metadata and no trick of a file survives.

use std::{io::Cursor, sync::LazyLock};

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
    metadata::Orientation,
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::base::error::Error;

/// Pixels of the longer side of a picture that is kept.
const SIDE: u32 = 2000;
/// Pictures are decoded one at a time: each takes much memory.
static DECODING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(1));

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

/// Decodes and encodes in turn: a picture of a few kilobytes may take a quarter of a gigabyte while it is decoded.
///
/// # Errors
/// When the server ends.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _one = DECODING.acquire().await.map_err(|error| Error::unexpected("pictures", &error))?;
    spawn_blocking(work).await.map_err(|error| Error::unexpected("pictures", &error))
}

/// A picture as a JPEG without metadata, no larger than anybody needs; nothing for what is none.
///
/// # Errors
/// When the server ends.
pub async fn made_anew(file: Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
    in_turn(move || {
        let picture = decoded(&file)?;
        let is_large = picture.width().max(picture.height()) > SIDE;
        let small = if is_large { picture.resize(SIDE, SIDE, FilterType::Triangle) } else { picture };
        jpeg(&on_white(&small)).ok()
    })
    .await
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
