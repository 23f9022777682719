//! The file with the portal's secret.

use std::{fs, io::Write, path::Path};

use app::platform::secret::Secret;
use base64::{Engine, prelude::BASE64_STANDARD};

/// Reads the secret; makes one, readable by the server's own user only, when there is none.
///
/// # Errors
/// A sentence for whoever starts the server: a file that is no secret is never replaced, since what it sealed would be lost.
pub fn read_or_make(path: &Path) -> Result<Secret, String> {
    if path.exists() {
        return read(path);
    }
    make(path).map_err(|error| format!("{}: cannot be made: {error}.", path.display()))
}

/// # Errors
/// A sentence for whoever runs the command.
pub fn read(path: &Path) -> Result<Secret, String> {
    let at = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("{at}: cannot be read: {error}."))?;
    let bytes = BASE64_STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes
        .map(Secret::new)
        .ok_or_else(|| format!("{at}: is no secret of this portal (32 bytes in base64). Bring back the file that was there."))
}

fn make(path: &Path) -> std::io::Result<Secret> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(BASE64_STANDARD.encode(bytes).as_bytes())?;
    Ok(Secret::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/secret.key");
        let sealed = read_or_make(&path).expect("made").seal(b"key").expect("sealed");
        assert_eq!(read_or_make(&path).expect("read").open(&sealed).as_deref(), Some(&b"key"[..]));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).expect("a file").permissions()) & 0o777, 0o600);
        fs::write(&path, "not it").expect("written");
        assert!(read_or_make(&path).is_err_and(|sentence| sentence.contains("Bring back")));
        assert_eq!(fs::read_to_string(&path).expect("read"), "not it");
    }
}
