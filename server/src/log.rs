//! Logs without health information: no SQL, no values, no names; paths without identifiers.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Starts to log to standard error. `RUST_LOG` overrides the levels.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=error,sea_orm=error,html5ever=error"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_writer(stderr).with_ansi(stderr().is_terminal());
    if json { log.json().init() } else { log.compact().init() }
}

/// SMART Health Links, calendars and visits by video with a guest are opened by whoever knows their address.
const SECRET: [&str; 4] = ["/shl/", "/calendar/", "/visit/", "/video/guest/"];

/// `/p/0192…/visits` as `/p/:id/visits`.
pub fn without_ids(path: &str) -> String {
    // The beginning, and what is opened by whoever knows its address.
    let (known, rest) = SECRET.iter().find_map(|begin| Some((*begin, path.strip_prefix(begin)?))).unwrap_or(("", path));
    let hidden = |segment: &&str| uuid::Uuid::try_parse(segment).is_ok() || (!known.is_empty() && !segment.is_empty());
    let segments: Vec<&str> = rest.split('/').map(|segment| if hidden(&segment) { ":id" } else { segment }).collect();
    format!("{known}{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_identifier_reaches_the_log() {
        assert_eq!(super::without_ids("/p/0192f0c1-2345-7abc-8def-0123456789ab/visits"), "/p/:id/visits");
        assert_eq!(super::without_ids("/shl/Zm9v"), "/shl/:id");
        assert_eq!(super::without_ids("/calendar/0f1e.ics"), "/calendar/:id");
        assert_eq!(super::without_ids("/visit/0f1e"), "/visit/:id");
        assert_eq!(super::without_ids("/video/guest/0f1e/enter"), "/video/guest/:id/:id");
    }
}
