//! Where a visit by video is held outside of the portal: the link that comes with its Appointment.

use serde_json::Value;

use crate::record::fhir;

/// FHIR R5, Appointment.virtualService, as an extension of R4 (cross-version extensions, R5 to R4).
const VIRTUAL_SERVICE: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService";
/// Characters of a link.
const MOST: usize = 2000;
/// Where meetings are held: the last part of the name of the host.
const MEETING_HOSTS: [&str; 10] = [
    "zoom.us",
    "zoomgov.com",
    "teams.microsoft.com",
    "teams.live.com",
    "meet.google.com",
    "webex.com",
    "doxy.me",
    "whereby.com",
    "meet.jit.si",
    "gotomeeting.com",
];

/// What the Appointment itself says: whoever has such a link comes by video, whatever the visit is called.
pub(super) fn of_service(appointment: &Value) -> Option<String> {
    let services = fhir::items(&appointment["extension"]).filter(|found| found["url"] == VIRTUAL_SERVICE);
    let addresses = services.flat_map(|service| fhir::items(&service["extension"])).filter(|part| {
        let name = part["url"].as_str().unwrap_or_default();
        name == "address" || name.starts_with("address[") || name == "addressUrl"
    });
    let told = addresses.filter_map(|part| part["valueUrl"].as_str().or_else(|| part["valueContactPoint"]["value"].as_str()));
    // R5 itself, where a source sends it with the R4 resource.
    let native = fhir::items(&appointment["virtualService"]).filter_map(|service| service["addressUrl"].as_str());
    told.chain(native).find(|url| host(url).is_some()).map(str::to_owned)
}

/// The first link of a visit by video that can be used: its service, its virtual place, then what the patient is told to do.
pub(super) fn join_url(appointment: &Value, place: Option<&Value>) -> Option<String> {
    // HL7 location-physical-type. The address of a house made of stone is its website.
    let is_virtual = |place: &&Value| fhir::has_code(&place["physicalType"], &["vi"]);
    let of_place = place.filter(is_virtual).into_iter().flat_map(|place| fhir::items(&place["telecom"]));
    let of_place = of_place.filter(|point| point["system"] == "url").filter_map(|point| point["value"].as_str());
    let words = appointment["patientInstruction"].as_str().unwrap_or_default().split_whitespace();
    let in_words = words
        .map(|word| word.trim_start_matches(['(', '<', '"', '“']).trim_end_matches(['.', ',', ';', ')', '>', '"', '”']))
        .filter(|word| host(word).is_some_and(|host| is_meeting(&host)));
    of_service(appointment).or_else(|| of_place.chain(in_words).find(|url| host(url).is_some()).map(str::to_owned))
}

/// The host of a link that may be shown: https with a name, without a user, and not endless.
fn host(url: &str) -> Option<String> {
    if url.len() > MOST || url.chars().any(|sign| sign.is_control() || sign.is_whitespace() || "\"'<>\\^`{}|".contains(sign)) {
        return None;
    }
    let rest = url.get(..8).filter(|begin| begin.eq_ignore_ascii_case("https://")).and(url.get(8..))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let named = host.split('.').all(|label| !label.is_empty() && label.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-'));
    (named && host.contains('.') && port.parse::<u16>().is_ok()).then(|| host.to_ascii_lowercase())
}

fn is_meeting(host: &str) -> bool {
    MEETING_HOSTS.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|before| before.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(url: &str) -> Value {
        json!({"extension": [{"url": VIRTUAL_SERVICE, "extension": [{"url": "address", "valueUrl": url}]}]})
    }

    #[test]
    fn a_link_comes_from_the_service_the_virtual_place_or_the_words() {
        let zoom = "https://us02web.zoom.us/j/123?pwd=x";
        assert_eq!(join_url(&with(zoom), None).as_deref(), Some(zoom));
        let ours = "https://video.hospital.example/room/7";
        assert_eq!(join_url(&with(ours), None).as_deref(), Some(ours), "whatever the host, where the source says that it is the link");
        let place = |kind: &str| json!({"physicalType": {"coding": [{"code": kind}]}, "telecom": [{"system": "url", "value": ours}]});
        assert_eq!(join_url(&json!({}), Some(&place("vi"))).as_deref(), Some(ours));
        assert_eq!(join_url(&json!({}), Some(&place("bu"))), None, "a website");
        let told = json!({"patientInstruction": format!("Read https://hospital.example/prepare first. Then open ({zoom}).")});
        assert_eq!(join_url(&told, None).as_deref(), Some(zoom));
    }

    #[test]
    fn only_https_and_nothing_endless() {
        let long = format!("https://zoom.us/{}", "a".repeat(MOST));
        for refused in [
            "javascript:alert(1)",
            "http://zoom.us/j/1",
            "https://user@zoom.us/j/1",
            "https://zoom.us:99999/j/1",
            "https://localhost/j/1",
            "https://zoom.us/j/1 2",
            "https://zoom.us/\"onclick=x",
            "data:text/html,x",
            "https://",
            "//zoom.us/j/1",
            &long,
        ] {
            assert_eq!(join_url(&with(refused), None), None, "{refused}");
        }
        let told = json!({"patientInstruction": "https://notzoom.us/j/1 https://zoom.us.evil.example/j/1"});
        assert_eq!(join_url(&told, None), None);
    }
}
