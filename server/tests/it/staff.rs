//! What staff find.

use crate::world::on_every_engine;

#[test]
fn patients_never_search_for_patients() {
    on_every_engine(|world| {
        for username in ["maria", "grace", "tanya"] {
            let answer = world.sign_in(username).call("staff/find-patients", &[("query", "rivera")]);
            assert_eq!(answer.body, "\"NotFound\"", "{username}");
        }
    });
}

#[test]
fn staff_find_by_name_birth_date_or_number_and_see_who_has_access() {
    on_every_engine(|world| {
        let born = world.birth_date("Emma");
        for username in ["priya", "marcus", "dana"] {
            let staff = world.sign_in(username);
            for query in ["emma riv", "RIVERA Emma", &born.to_string(), &born.format("%m/%d/%Y").to_string()] {
                let found = staff.call("staff/find-patients", &[("query", query)]).json();
                let emma = found.as_array().expect("patients").iter().find(|patient| patient["full_name"] == "Emma Rivera");
                assert_eq!(emma.unwrap_or_else(|| panic!("{query}"))["proxies"][0]["name"], "Maria Rivera");
            }
            assert_eq!(
                staff.call("staff/find-patients", &[("query", "%")]).json().as_array().map(Vec::len),
                Some(0),
                "a joker finds nobody"
            );
            assert_eq!(staff.call("staff/find-patients", &[("query", " ")]).json().as_array().map(Vec::len), Some(0));
            let chart = staff.call("visits/list", &[("patient", &world.patient("Emma").to_string())]);
            assert_eq!(chart.body, "\"NotFound\"", "staff find, and do not read");
        }
    });
}
