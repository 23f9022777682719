//! Device.

use serde_json::Value;

use super::item::{Item, base};
use crate::record::{
    fhir::{self, notes},
    item::model::{Kind, State, What},
};

/// When it was made and until when it may be used is not when somebody has it.
pub(super) fn device(value: &Value) -> Item {
    let state = match value["status"].as_str() {
        Some("inactive") => State::Past,
        Some("unknown") => State::Unstated,
        _ => State::Active,
    };
    let name = value["deviceName"][0]["name"].as_str().map(str::to_owned);
    let named = fhir::concept(&value["type"]).or_else(|| name.clone()).or_else(|| fhir::named(&value["type"]));
    let mut item = base(Kind::Device, state, named, &[]);
    let model = [name.filter(|name| *name != item.title), value["modelNumber"].as_str().map(str::to_owned)];
    item.say(What::Manufacturer, value["manufacturer"].as_str());
    item.say(What::Model, Some(model.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    item.say(What::SerialNumber, value["serialNumber"].as_str());
    item.say(What::LotNumber, value["lotNumber"].as_str());
    for carrier in fhir::items(&value["udiCarrier"]) {
        item.say(What::Udi, carrier["carrierHRF"].as_str().or_else(|| carrier["deviceIdentifier"].as_str()));
    }
    item.say(What::Made, fhir::day(&value["manufactureDate"]));
    item.say(What::Expires, fhir::day(&value["expirationDate"]));
    item.say(What::Note, notes(value));
    item
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_days_of_a_device_are_no_time_of_use() {
        let item =
            device(&json!({"type": {"text": "Implant"}, "deviceName": [{"name": "Pacer"}], "modelNumber": "1.0", "serialNumber": "AC221",
            "lotNumber": "M320", "manufactureDate": "2015-10-15", "expirationDate": "2022-01",
            "udiCarrier": [{"deviceIdentifier": "9", "carrierHRF": "(01)9"}, {"deviceIdentifier": "8"}]}));
        assert_eq!((item.at, item.until, item.title.as_str()), (None, None, "Implant"));
        let said: Vec<(What, &str)> = item.facts.iter().map(|fact| (fact.what, fact.said.as_str())).collect();
        let wanted = [
            (What::Model, "Pacer, 1.0"),
            (What::SerialNumber, "AC221"),
            (What::LotNumber, "M320"),
            (What::Udi, "(01)9"),
            (What::Udi, "8"),
            (What::Made, "2015-10-15"),
            (What::Expires, "2022-01"),
        ];
        assert_eq!(said, wanted);
    }
}
