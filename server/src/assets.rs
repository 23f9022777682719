//! The files of the site: read once at the start, sent from memory as they were compressed by the build.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use app::site::shell::DocumentAssets;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// Which file of the package has which content, written by cargo-leptos beside the binary.
const HASH_FILE: &str = "hash.txt";

/// All files of the site, and what a document says of them.
#[derive(Clone, Default)]
pub struct Assets {
    files: Arc<HashMap<String, File>>,
    pub document: DocumentAssets,
    /// The source that the content security policy names for the style inside of a document.
    pub style_source: Arc<str>,
}

#[derive(Default)]
struct File {
    content_type: &'static str,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

impl Assets {
    /// Reads the site, with the names that `hash.txt` in `hashes` gives to the files of the package.
    ///
    /// # Errors
    /// A sentence for whoever starts the server, when there is no site or no file with its names.
    pub fn load(site_root: &Path, hashes: &Path) -> Result<Self, String> {
        let hash_file = hashes.join(HASH_FILE);
        let names = fs::read_to_string(&hash_file).map_err(|error| {
            format!("{}: cannot be read: {error}. It is made by scripts/build and belongs beside the server.", hash_file.display())
        })?;
        let name = |kind: &str, ending: &str| {
            let hash = names.lines().find_map(|line| line.split_once(':').filter(|(found, _)| found.trim() == kind));
            let hash = hash.map(|(_, hash)| hash.trim()).ok_or_else(|| format!("{}: does not name the {kind}.", hash_file.display()))?;
            Ok::<_, String>(format!("/pkg/portal.{hash}.{ending}"))
        };
        let mut files = HashMap::new();
        collect(site_root, site_root, &mut files).map_err(|error| format!("{}: cannot be read ({error}).", site_root.display()))?;
        let document =
            DocumentAssets { style_path: name("css", "css")?, script: name("js", "js")?, wasm: name("wasm", "wasm")?, style: "".into() };
        for path in [&document.style_path, &document.script, &document.wasm] {
            if !files.contains_key(path) {
                return Err(format!(
                    "{}: is of another build than --site-root {}. Run scripts/build, and take both from it.",
                    hash_file.display(),
                    site_root.display()
                ));
            }
        }
        let style = files.get(&document.style_path).map(|file| String::from_utf8_lossy(&file.plain).into_owned()).unwrap_or_default();
        let source = format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(style.as_bytes())));
        Ok(Self { files: Arc::new(files), document: DocumentAssets { style: style.into(), ..document }, style_source: source.into() })
    }

    /// The site's file at a path, in the encoding that the browser takes.
    pub fn get(&self, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
        let file = self.files.get(path)?;
        let takes = |encoding: &str| accepts(headers, encoding);
        let (body, encoding) = match (&file.brotli, &file.gzip) {
            (Some(brotli), _) if takes("br") => (brotli, Some("br")),
            (_, Some(gzip)) if takes("gzip") => (gzip, Some("gzip")),
            _ => (&file.plain, None),
        };
        let mut response = (StatusCode::OK, Body::from(body.clone())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        Some(response)
    }

    /// What a service worker keeps: every file with a hash in its name that pages load, and `others` that are there, with the contents of
    /// these. A file whose name has a hash says by its name what is in it.
    pub fn kept_by_worker(&self, others: &[&str]) -> (Vec<String>, Vec<Bytes>) {
        let is_loaded = |path: &str| [".js", ".wasm", ".css", ".woff2"].iter().any(|ending| path.ends_with(ending));
        let hashed =
            self.files.keys().filter(|path| path.starts_with("/pkg/") || path.starts_with("/fonts/")).filter(|path| is_loaded(path));
        let others: Vec<(&str, &File)> = others.iter().filter_map(|path| Some((*path, self.files.get(*path)?))).collect();
        let mut names: Vec<String> = hashed.cloned().chain(others.iter().map(|(path, _)| (*path).to_owned())).collect();
        names.sort_unstable();
        (names, others.into_iter().map(|(_, file)| file.plain.clone()).collect())
    }

    /// The module that checks health cards in the browser. Its name has a hash of its content.
    pub fn card_reader(&self) -> Option<&str> {
        self.files.keys().map(String::as_str).find(|path| path.starts_with("/pkg/card-reader-") && path.ends_with(".js"))
    }
}

/// Whether an encoding is among those of `Accept-Encoding`, and not with a weight of zero. Its own weight comes before that of `*`
/// (RFC 9110, 12.5.3).
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let (mut own, mut any) = (None, None);
    for range in lines.flat_map(|line| line.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|parameter| parameter.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q")));
        let taken = weight.is_none_or(|(_, weight)| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
        if name.eq_ignore_ascii_case(encoding) {
            own = Some(taken);
        } else if name == "*" {
            any = Some(taken);
        }
    }
    own.or(any).unwrap_or(false)
}

fn collect(root: &Path, folder: &Path, files: &mut HashMap<String, File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let content = Bytes::from(fs::read(&path)?);
        let name = address(root, &path);
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("br") => files.entry(address(root, &path.with_extension(""))).or_default().brotli = Some(content),
            Some("gz") => files.entry(address(root, &path.with_extension(""))).or_default().gzip = Some(content),
            ending => {
                let file = files.entry(name).or_default();
                file.content_type = content_type(ending.unwrap_or_default());
                file.plain = content;
            }
        }
    }
    // What was compressed and is no longer there itself.
    if root == folder {
        files.retain(|_, file| !file.content_type.is_empty());
    }
    Ok(())
}

fn address(root: &Path, path: &Path) -> String {
    let parts: PathBuf = path.strip_prefix(root).unwrap_or(path).to_owned();
    format!("/{}", parts.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

fn content_type(ending: &str) -> &'static str {
    match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" | "webmanifest" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (tempfile::TempDir, Result<Assets, String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, content: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, content).expect("a file");
        };
        write("bin/hash.txt", "js: a\nwasm: b\ncss: c\n");
        write("site/pkg/portal.a.js", "js");
        write("site/pkg/portal.b.wasm", "wasm");
        write("site/pkg/portal.b.wasm.br", "small");
        write("site/pkg/portal.c.css", "p { color: red }");
        write("site/robots.txt", "all");
        write("site/gone.txt.gz", "of a file that is no longer there");
        let assets = Assets::load(&folder.path().join("site"), &folder.path().join("bin"));
        (folder, assets)
    }

    /// `accepted`: the header's lines.
    fn encoding(assets: &Assets, accepted: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in accepted {
            headers.append(header::ACCEPT_ENCODING, line.parse().expect("a value"));
        }
        let found = assets.get("/pkg/portal.b.wasm", &headers).expect("a file");
        found.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn a_file_comes_as_the_browser_takes_it() {
        let assets = site().1.expect("a site");
        let accepted: [(&[&str], bool); 15] = [
            (&["gzip, deflate, br"], true),
            (&["br;q=0.5"], true),
            (&["BR"], true),
            (&["br ; Q = 0.001"], true),
            (&["gzip", "br"], true),
            (&["*"], true),
            (&["*;q=0, br"], true),
            (&["br;x=y;q=1"], true),
            (&["br;q=0, gzip"], false),
            (&["br;Q=0"], false),
            (&["br; q=0.000"], false),
            (&["br;q=much"], false),
            (&["br;q=0, *"], false),
            (&["identity"], false),
            (&[], false),
        ];
        for (lines, small) in accepted {
            assert_eq!(encoding(&assets, lines).as_deref(), small.then_some("br"), "{lines:?}");
        }
        assert!(assets.get("/robots.txt", &HeaderMap::new()).is_some());
        let kept = assets.kept_by_worker(&["/robots.txt", "/nothing.js"]);
        assert_eq!(kept.0, ["/pkg/portal.a.js", "/pkg/portal.b.wasm", "/pkg/portal.c.css", "/robots.txt"]);
        assert_eq!(kept.1, [&b"all"[..]]);
        for nothing in ["/gone.txt", "/gone.txt.gz", "/pkg/portal.b.wasm.br", "/../bin/hash.txt", "/pkg"] {
            assert!(assets.get(nothing, &HeaderMap::new()).is_none(), "{nothing}");
        }
    }

    #[test]
    fn a_site_without_its_names_or_files_is_refused_in_a_sentence() {
        let (folder, _) = site();
        let load = || Assets::load(&folder.path().join("site"), &folder.path().join("bin")).map(|_| ());
        fs::remove_file(folder.path().join("site/pkg/portal.a.js")).expect("a file");
        assert!(load().is_err_and(|told| told.contains("another build")));
        fs::remove_file(folder.path().join("bin/hash.txt")).expect("a file");
        assert!(load().is_err_and(|told| told.contains("hash.txt")));
    }
}
