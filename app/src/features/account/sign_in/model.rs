//! The rules of signing in.

use crate::base::text::is_local;

/// Where somebody goes after signing in: a path on this site, never another site, never the sign-in page again.
pub fn safe_next(next: &str) -> &str {
    if is_local(next) && !next.starts_with("/sign-in") && !next.starts_with("/api/") { next } else { "/home" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_this_site() {
        assert_eq!(safe_next("/p/7/visits?year=2026"), "/p/7/visits?year=2026");
        for evil in
            ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/sign-in", "/a\r\nSet-Cookie: x"]
        {
            assert_eq!(safe_next(evil), "/home", "{evil:?}");
        }
    }
}
