//! Where notices for phones go, over the push services of browsers.

use std::{sync::Arc, time::Duration};

use app::platform::push::{PushHosts, hosts::origin, queue::Outcome, vapid::Vapid};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{
    Client, StatusCode,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER},
    redirect::Policy,
};

/// No service takes longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Seconds for which a service keeps a notice for a phone that is off. What is older than two days is seen on the home page.
const KEPT: &str = "172800";
/// A newer notice takes the place of an older one that was not delivered: both say the same (RFC 8030, 5.4).
const TOPIC: &str = "news";

/// The way to push services.
#[derive(Clone)]
pub struct Push {
    client: Client,
    /// Which services are written to.
    pub hosts: PushHosts,
    /// Whom their operators may write to.
    pub contact: Arc<str>,
}

impl Push {
    /// `services`: origins beside those of the browsers there are.
    ///
    /// # Errors
    /// A sentence for whoever starts the server.
    pub fn new(services: &[String], contact: &str) -> Result<Self, String> {
        let is_address = contact.strip_prefix("mailto:").is_some_and(|address| address.contains('@'));
        // The portal's own address may be one of this machine.
        if !is_address && !contact.starts_with("https://") && !contact.starts_with("http://") {
            return Err(format!("--push-contact {contact}: must begin with mailto: or https://."));
        }
        // An address that is redirected would lead elsewhere than where it was allowed to.
        let client = Client::builder().timeout(PATIENCE).redirect(Policy::none()).build();
        let client = client.map_err(|error| format!("Push services cannot be reached: {error}."))?;
        Ok(Self { client, hosts: PushHosts::new(services)?, contact: contact.into() })
    }

    /// Sends an encrypted message to a browser's address.
    pub async fn send(&self, vapid: &Vapid, endpoint: &str, message: Vec<u8>) -> Outcome {
        let Some(service) = origin(endpoint).filter(|_| self.hosts.allows(endpoint)) else { return Outcome::Gone };
        let now = Utc::now();
        let request = self
            .client
            .post(endpoint)
            .header("TTL", KEPT)
            .header("Urgency", "normal")
            .header("Topic", TOPIC)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(AUTHORIZATION, vapid.authorization(&service, &self.contact, now))
            .body(message);
        match request.send().await {
            Ok(answer) => {
                let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                outcome(answer.status(), after, now)
            }
            Err(_) => Outcome::Later(None),
        }
    }
}

/// What an answer means. Source: RFC 8030, 5 and 7.3.
fn outcome(status: StatusCode, after: Option<&str>, now: DateTime<Utc>) -> Outcome {
    match status {
        status if status.is_success() => Outcome::Delivered,
        StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Outcome::Later(after.and_then(|after| wait(after, now))),
        status if status.is_server_error() => Outcome::Later(after.and_then(|after| wait(after, now))),
        _ => Outcome::Refused,
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
fn wait(after: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    if let Ok(seconds) = after.trim().parse::<u32>() {
        return Some(TimeDelta::seconds(seconds.into()));
    }
    let at = DateTime::parse_from_rfc2822(after.trim()).ok()?;
    Some(Ord::max(at.with_timezone(&Utc) - now, TimeDelta::zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_push_services_are_told_apart() {
        let now: DateTime<Utc> = "2026-11-27T15:00:00Z".parse().expect("an instant");
        let of = |status: u16, after: Option<&str>| outcome(StatusCode::from_u16(status).expect("a status"), after, now);
        for status in [200, 201, 202, 204] {
            assert_eq!(of(status, None), Outcome::Delivered, "{status}");
        }
        assert_eq!((of(404, None), of(410, None)), (Outcome::Gone, Outcome::Gone));
        for status in [301, 302, 307, 400, 401, 403, 413] {
            assert_eq!(of(status, None), Outcome::Refused, "{status}");
        }
        assert_eq!(of(429, Some("120")), Outcome::Later(Some(TimeDelta::minutes(2))));
        assert_eq!(of(503, Some("Fri, 27 Nov 2026 15:05:00 GMT")), Outcome::Later(Some(TimeDelta::minutes(5))));
        assert_eq!(of(503, Some("Fri, 27 Nov 2026 14:00:00 GMT")), Outcome::Later(Some(TimeDelta::zero())));
        assert_eq!((of(500, None), of(429, Some("soon"))), (Outcome::Later(None), Outcome::Later(None)));
    }

    #[test]
    fn a_contact_is_an_address() {
        assert!(Push::new(&[], "mailto:it@hospital.example").is_ok());
        for wrong in ["it@hospital.example", "mailto:", "", "tel:1"] {
            assert!(Push::new(&[], wrong).is_err_and(|told| told.contains("--push-contact")), "{wrong}");
        }
    }
}
