//! What settings must be, and what they make.

use app::{access::session::SessionRules, base::boot::Brand};
use chrono::TimeDelta;

use super::{Organization, Serve};

impl Serve {
    /// # Errors
    /// A sentence that says what is wrong and how to mend it.
    pub fn check(&self) -> Result<(), String> {
        self.organization.check()?;
        self.check_addresses()
    }

    fn check_addresses(&self) -> Result<(), String> {
        let url: http::Uri = self.public_url.parse().map_err(|_| format!("--public-url {}: not a URL.", self.public_url))?;
        if !is_origin(&url, &self.public_url) {
            return Err(format!(
                "--public-url {}: must be https:// with a name, and maybe a port, alone: no path, query, or user.",
                self.public_url
            ));
        }
        let local = matches!(url.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match url.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if local && self.listen.ip().is_loopback() => Ok(()),
            Some("http") if local => Err(format!(
                "--listen {}: without https, listen on the loopback address only, such as 127.0.0.1:3000, or give --public-url with https.",
                self.listen
            )),
            _ => Err(format!("--public-url {}: must begin with https:// (http:// is for http://localhost only).", self.public_url)),
        }
    }
}

/// Whether an address is no more than scheme, host and port: pages, cookies and the issuer of health cards are for those.
fn is_origin(url: &http::Uri, written: &str) -> bool {
    let parts = url.scheme_str().zip(url.authority());
    parts.is_some_and(|(scheme, authority)| {
        let origin = format!("{scheme}://{authority}");
        !origin.contains('@') && written.strip_suffix('/').unwrap_or(written) == origin
    })
}

/// Whether browsers reach this address over TLS, so that cookies are for it alone.
pub fn is_secure(public_url: &str) -> bool {
    public_url.starts_with("https:")
}

impl Organization {
    /// # Errors
    /// A sentence that says what is wrong and how to mend it.
    pub fn check(&self) -> Result<(), String> {
        if !self.site_root.join("pkg").is_dir() {
            return Err(format!(
                "--site-root {}: no built pages there. Run scripts/build, or name the folder that has pkg/ in it.",
                self.site_root.display()
            ));
        }
        Ok(())
    }

    pub fn brand(&self) -> Brand {
        Brand { product: self.product.clone(), organisation: self.organisation.clone(), support_phone: self.support_phone.clone() }
    }

    pub fn session_rules(&self, secure: bool) -> SessionRules {
        SessionRules { idle: TimeDelta::minutes(self.idle_minutes.into()), absolute: TimeDelta::hours(self.session_hours.into()), secure }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::config::{Command, CommandLine};

    fn serve(extra: &[&str]) -> Result<Serve, String> {
        let line = ["server", "serve"].iter().chain(extra);
        match CommandLine::try_parse_from(line).map_err(|error| error.to_string())?.command {
            Command::Serve(config) => config.check_addresses().map(|()| config),
            _ => Err("not serve".into()),
        }
    }

    #[test]
    fn the_defaults_serve_this_machine() {
        assert!(serve(&[]).is_ok_and(|config| !is_secure(&config.public_url)));
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for refused in
            [&["--public-url", "http://portal.example"][..], &["--public-url", "ftp://portal.example"], &["--listen", "0.0.0.0:3000"]]
        {
            assert!(serve(refused).is_err_and(|sentence| sentence.contains("https")), "{refused:?}");
        }
        assert!(
            serve(&["--listen", "0.0.0.0:3000", "--public-url", "https://portal.example"])
                .is_ok_and(|config| is_secure(&config.public_url))
        );
    }

    #[test]
    fn the_public_url_is_an_origin() {
        for origin in ["https://portal.example", "https://portal.example/", "https://portal.example:8443"] {
            assert!(serve(&["--public-url", origin]).is_ok(), "{origin}");
        }
        for more in ["/path", "/?x", "?x", "/#x", "//"] {
            let refused = serve(&["--public-url", &format!("https://portal.example{more}")]);
            assert!(refused.is_err_and(|sentence| sentence.contains("--public-url")), "{more}");
        }
        assert!(serve(&["--public-url", "https://user@portal.example"]).is_err());
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert!(serve(&["--idle-minutes", "0"]).is_err());
        assert!(serve(&["--session-hours", "100"]).is_err());
        assert!(serve(&["--time-zone", "Middletown"]).is_err());
    }
}
