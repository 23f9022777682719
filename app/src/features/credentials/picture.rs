//! QR codes in pictures that somebody sends.

use card_reader::picture;
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    base::{error::Error, why::Why},
    features::credentials::problem,
};

/// A side of a picture is no longer than this, in pixels.
const MOST_SIDE: u32 = 6000;
/// A picture takes no more memory than this, in bytes: a file of some kilobytes may unfold to gigabytes.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;
/// So many pictures are looked at together, whoever sends them; the others wait.
static TURNS: Semaphore = Semaphore::const_new(2);

/// The texts of the QR codes in a picture, one a line.
///
/// # Errors
/// `Invalid` when there is no code in it, or the picture is too large.
pub async fn read_picture(picture: Vec<u8>) -> Result<String, Error> {
    let turn = TURNS.acquire().await.map_err(|error| Error::unexpected("picture", &error))?;
    let codes = spawn_blocking(move || {
        let codes = codes_in_picture(&picture);
        // Here, so that a request that is given up does not let the next one in too early.
        drop(turn);
        codes
    });
    let codes = codes.await.map_err(|error| Error::unexpected("picture", &error))?;
    codes.map(|codes| codes.join("\n")).map_err(|why| Error::field("card_file", why))
}

/// The texts of the QR codes in a picture (JPEG, PNG or WebP).
fn codes_in_picture(picture: &[u8]) -> Result<Vec<String>, Why> {
    let mut limits = image::Limits::no_limits();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader =
        image::ImageReader::new(std::io::Cursor::new(picture)).with_guessed_format().map_err(|_| problem::NO_CODE_IN_PICTURE)?;
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => problem::PICTURE_LARGE,
        _ => problem::NO_CODE_IN_PICTURE,
    })?;
    let larger = picture.width().max(picture.height());
    let sizes = picture::SIDES.into_iter().filter(|side| side.is_none_or(|side| side < larger));
    let mut looks = sizes.map(|side| {
        let sized = side.map_or_else(|| picture.to_luma8(), |side| picture.thumbnail(side, side).to_luma8());
        picture::codes(sized.width() as usize, sized.height() as usize, sized.as_raw())
    });
    looks.find(|found| !found.is_empty()).ok_or(problem::NO_CODE_IN_PICTURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the published examples, where they are; a user's machine has none.
    #[test]
    fn a_photographed_code_is_read() {
        let folder = std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/fhir/shc/vaccination-ig"));
        if !folder.is_dir() {
            return;
        }
        let picture = std::fs::read(folder.join("Scenario1Bundle-qr-code-0.png")).expect("a picture");
        let codes = codes_in_picture(&picture).expect("a code");
        assert_eq!(codes.len(), 1);
        let said = std::fs::read_to_string(folder.join("Scenario1Bundle-qr-code-numeric-value-0.txt")).expect("a text");
        assert_eq!(codes[0].trim(), said.trim());
    }

    #[test]
    fn what_is_no_picture_has_no_codes() {
        assert_eq!(codes_in_picture(b"no picture"), Err(problem::NO_CODE_IN_PICTURE));
    }

    /// Too wide, and within the sides but 75 MB of colours.
    #[test]
    fn a_picture_that_would_fill_the_memory_is_not_unfolded() {
        let png = |picture: image::DynamicImage| {
            let mut file = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut file, image::ImageFormat::Png).expect("a PNG");
            file.into_inner()
        };
        assert_eq!(codes_in_picture(&png(image::DynamicImage::new_luma8(7000, 40))), Err(problem::PICTURE_LARGE));
        assert_eq!(codes_in_picture(&png(image::DynamicImage::new_rgb8(5000, 5000))), Err(problem::PICTURE_LARGE));
        assert_eq!(codes_in_picture(&png(image::DynamicImage::new_luma8(400, 400))), Err(problem::NO_CODE_IN_PICTURE));
    }
}
