//! How long a session lives and what its cookie looks like.

use chrono::{DateTime, TimeDelta, Utc};

#[derive(Clone, Copy, Debug)]
pub struct SessionRules {
    /// Without a request for so long, the session ends.
    pub idle: TimeDelta,
    /// However busy, it ends after so long.
    pub absolute: TimeDelta,
    /// Whether the browser reaches us over https. Only a server on the loopback address may say no.
    pub secure: bool,
}

impl SessionRules {
    /// `__Host-` makes browsers refuse the cookie from subdomains, other paths and plain http.
    pub fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-session" } else { "session" }
    }

    /// The `Set-Cookie` value that keeps `token` until the browser is closed.
    pub fn cookie(&self, token: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}", self.cookie_name())
    }

    /// The `Set-Cookie` value that forgets the session.
    pub fn no_cookie(&self) -> String {
        self.cookie("") + "; Max-Age=0"
    }

    pub fn is_over(&self, created_at: DateTime<Utc>, last_seen_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - last_seen_at >= self.idle || now - created_at >= self.absolute
    }
}
