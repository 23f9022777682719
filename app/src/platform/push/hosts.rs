//! The push services that are written to. An address comes from the browser, and so from whoever says to be one: without a list, the
//! portal could be made to ask any machine that it reaches.

use std::sync::Arc;

/// The services of the browsers there are: Chrome and Edge on Android, Firefox, Safari, Edge on Windows.
const KNOWN: [&str; 3] = ["fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"];
/// Services with many names.
const BELOW: [&str; 3] = [".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com"];
/// No service gives a longer address.
const MOST: usize = 1000;

/// Further services, as their origins.
#[derive(Clone, Debug, Default)]
pub struct PushHosts(Arc<[String]>);

impl PushHosts {
    /// `origins` such as `https://push.example`; over http on this very machine only.
    ///
    /// # Errors
    /// A sentence for whoever starts the server.
    pub fn new(origins: &[String]) -> Result<Self, String> {
        for written in origins {
            let wrong = || format!("--push-services {written}: must be https:// with a name, and maybe a port, alone.");
            let url: http::Uri = written.parse().map_err(|_| wrong())?;
            let local = matches!(url.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
            let scheme = url.scheme_str().filter(|scheme| *scheme == "https" || (*scheme == "http" && local)).ok_or_else(wrong)?;
            let authority = url.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
            if *written != format!("{scheme}://{authority}") {
                return Err(wrong());
            }
        }
        Ok(Self(origins.into()))
    }

    /// Whether this is an address of a service that is written to.
    pub fn allows(&self, endpoint: &str) -> bool {
        let Some(url) = parsed(endpoint) else { return false };
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else { return false };
        if self.0.iter().any(|origin| *origin == format!("{scheme}://{authority}")) {
            return true;
        }
        let host = authority.host();
        let known = KNOWN.contains(&host) || BELOW.iter().any(|end| host.len() > end.len() && host.ends_with(end));
        scheme == "https" && known && authority.port_u16().is_none_or(|port| port == 443)
    }
}

/// An address as a browser gives it: nothing that two programs could read in two ways.
fn parsed(endpoint: &str) -> Option<http::Uri> {
    let plain = endpoint.len() <= MOST && endpoint.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'@' | b'#'));
    endpoint.parse().ok().filter(|_| plain)
}

/// The scheme, host and port of an address: whom a proof of who we are is for.
pub fn origin(endpoint: &str) -> Option<String> {
    let url = parsed(endpoint)?;
    Some(format!("{}://{}", url.scheme_str()?, url.authority()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_services_of_browsers_are_written_to() {
        let hosts = PushHosts::default();
        for service in [
            "https://fcm.googleapis.com/fcm/send/abc:def",
            "https://fcm.googleapis.com:443/wp/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://web.push.apple.com/abc",
            "https://wns2-par02p.notify.windows.com/w/?token=abc",
        ] {
            assert!(hosts.allows(service), "{service}");
        }
        for other in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8080/x",
            "https://fcm.googleapis.com.evil.example/x",
            "https://evilnotify.windows.com/x",
            "https://.notify.windows.com/x",
            "https://notify.windows.com/x",
            "https://fcm.googleapis.com@169.254.169.254/x",
            "https://user:x@fcm.googleapis.com/x",
            "https://169.254.169.254/fcm.googleapis.com",
            "https://evil.example/?https://fcm.googleapis.com/",
            "https://evil.example\\.push.apple.com/",
            "https://evil.example#.push.apple.com/",
            "https://127.0.0.1/x",
            "http://localhost:8080/x",
            "file:///etc/passwd",
            "fcm.googleapis.com/x",
            "//fcm.googleapis.com/x",
            "",
        ] {
            assert!(!hosts.allows(other), "{other}");
        }
        assert!(!hosts.allows(&format!("https://fcm.googleapis.com/{}", "x".repeat(1000))));
    }

    #[test]
    fn further_services_are_allowed_by_their_whole_origin() {
        let hosts = PushHosts::new(&["https://push.example:8443".into(), "http://127.0.0.1:9000".into()]).expect("services");
        assert!(hosts.allows("https://push.example:8443/x") && hosts.allows("http://127.0.0.1:9000/x"));
        assert!(
            !hosts.allows("https://push.example/x")
                && !hosts.allows("http://127.0.0.1:9001/x")
                && !hosts.allows("http://push.example:8443/x")
        );
        for wrong in ["http://push.example", "https://push.example/", "https://a@push.example", "push.example", "ftp://localhost"] {
            assert!(PushHosts::new(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
        assert_eq!(origin("https://push.example:8443/x?y").as_deref(), Some("https://push.example:8443"));
    }
}
