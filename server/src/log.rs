//! Logs without health information: no SQL, no values, no names; paths without identifiers.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Starts to log to standard error. `RUST_LOG` overrides the levels.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=error,sea_orm=error,html5ever=error"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_writer(stderr).with_ansi(stderr().is_terminal());
    if json { log.json().init() } else { log.compact().init() }
}

/// `/p/0192…/visits` as `/p/:id/visits`.
pub fn without_ids(path: &str) -> String {
    // A SMART Health Link is opened by whoever knows its address.
    let secret =
        |segment: &str| uuid::Uuid::try_parse(segment).is_ok() || (path.starts_with("/shl/") && segment != "shl" && !segment.is_empty());
    let segments: Vec<&str> = path.split('/').map(|segment| if secret(segment) { ":id" } else { segment }).collect();
    segments.join("/")
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_identifier_reaches_the_log() {
        assert_eq!(super::without_ids("/p/0192f0c1-2345-7abc-8def-0123456789ab/visits"), "/p/:id/visits");
        assert_eq!(super::without_ids("/shl/Zm9v"), "/shl/:id");
    }
}
