//! What settings must be, and what they make.

use std::path::Path;

use app::{
    access::session::SessionRules,
    base::boot::Brand,
    desk::{
        billing::processor::{CardEntry, Settings},
        video::ice::IceSettings,
    },
};
use chrono::TimeDelta;

use super::{Notices, Organization, Payments, Serve, Video};
use crate::push::Push;

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

impl Notices {
    /// The way to push services.
    ///
    /// # Errors
    /// A sentence that says what is wrong and how to mend it.
    pub fn push(&self, public_url: &str) -> Result<Push, String> {
        Push::new(&self.push_services, self.push_contact.as_deref().unwrap_or(public_url))
    }
}

impl Payments {
    /// How the processor is reached; nothing where there is none.
    ///
    /// # Errors
    /// A sentence that says what is wrong and how to mend it; no key is in it.
    pub fn settings(&self) -> Result<Option<Settings>, String> {
        let Some(file) = &self.stripe_secret_key_file else { return Ok(None) };
        let secret_key = key_in(file, "--stripe-secret-key-file", &["sk_", "rk_"])?;
        let Some(file) = &self.stripe_webhook_secret_file else {
            return Err("--stripe-webhook-secret-file: is needed with --stripe-secret-key-file, to know which notices are genuine.".into());
        };
        let webhook_secret = key_in(file, "--stripe-webhook-secret-file", &["whsec_"])?;
        if !self.stripe_publishable_key.starts_with("pk_") {
            return Err("--stripe-publishable-key: must begin with pk_.".into());
        }
        if secret_key.starts_with("sk_live_") != self.stripe_publishable_key.starts_with("pk_live_") && secret_key.starts_with("sk_") {
            return Err("--stripe-publishable-key: one key is for tests and the other for real money.".into());
        }
        for (name, url) in [("--stripe-api", &self.stripe_api), ("--stripe-script", &self.stripe_script)] {
            let parsed: http::Uri = url.parse().map_err(|_| format!("{name} {url}: not a URL."))?;
            let local = matches!(parsed.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
            if parsed.scheme_str() != Some("https") && !local {
                return Err(format!("{name} {url}: must begin with https://."));
            }
        }
        Ok(Some(Settings {
            api: self.stripe_api.trim_end_matches('/').to_owned(),
            secret_key,
            publishable_key: self.stripe_publishable_key.clone(),
            webhook_secret,
            card_entry: CardEntry::Script(self.stripe_script.clone()),
            bank_accounts: self.stripe_bank_accounts,
        }))
    }
}

impl Video {
    /// # Errors
    /// A sentence that says what is wrong and how to mend it; no secret is in it.
    pub fn settings(&self) -> Result<IceSettings, String> {
        for (flag, urls, schemes) in
            [("--stun-url", &self.stun_urls, ["stun:", "stuns:"]), ("--turn-url", &self.turn_urls, ["turn:", "turns:"])]
        {
            if let Some(wrong) = urls.iter().find(|url| !schemes.iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))) {
                return Err(format!("{flag} {wrong}: must begin with {}.", schemes.join(" or ")));
            }
        }
        let secret = match (&self.turn_secret_file, self.turn_urls.is_empty()) {
            (Some(file), false) => key_in(file, "--turn-secret-file", &[""])?,
            (None, true) => String::new(),
            (None, false) => return Err("--turn-secret-file: is needed with --turn-url.".into()),
            (Some(_), true) => return Err("--turn-url: is needed with --turn-secret-file.".into()),
        };
        if self.turn_relay_only && self.turn_urls.is_empty() {
            return Err("--turn-relay-only: needs --turn-url.".into());
        }
        Ok(IceSettings { stun: self.stun_urls.clone(), turn: self.turn_urls.clone(), secret, relay_only: self.turn_relay_only })
    }
}

fn key_in(file: &Path, flag: &str, begins: &[&str]) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{flag} {}: cannot be read: {error}.", file.display()))?;
    let key = text.trim().to_owned();
    let fits = !key.is_empty() && begins.iter().any(|begin| key.starts_with(begin)) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(key) } else { Err(format!("{flag} {}: holds no key that begins with {}.", file.display(), begins.join(" or "))) }
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
            Command::Serve(config) => config.check_addresses().map(|()| *config),
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
