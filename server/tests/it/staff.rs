//! What staff find.

use crate::world::on_every_engine;

#[test]
fn patients_never_search_for_patients() {
    on_every_engine(|world| {
        for username in ["maria", "grace", "tanya"] {
            let answer = world.sign_in(username).get("/staff/patients?query=rivera");
            assert_eq!(answer.status, 404, "{username}");
            assert!(!answer.body.contains("Has an account"), "{username}");
        }
    });
}

#[test]
fn staff_find_by_name_birth_date_or_number_and_see_who_has_access() {
    on_every_engine(|world| {
        let born = world.birth_date("Emma");
        for username in ["priya", "marcus", "dana"] {
            let staff = world.sign_in(username);
            for query in ["emma+riv", "RIVERA+Emma", &born.to_string(), &born.format("%m%%2F%d%%2F%Y").to_string()] {
                let found = staff.get(&format!("/staff/patients?query={query}"));
                assert!(found.body.contains("Emma Rivera") && found.body.contains("Maria Rivera"), "{username}: {query}");
            }
            for query in ["%25", "+"] {
                assert!(!staff.get(&format!("/staff/patients?query={query}")).body.contains("Emma Rivera"), "a joker finds nobody");
            }
            let chart = staff.call("visits/list", &[("patient", &world.patient("Emma").to_string())]);
            assert_eq!(chart.body, "\"NotFound\"", "staff find, and do not read");
        }
        // Billing finds, and sees no accounts.
        let page = format!("/staff/patients/{}", world.patient("Emma"));
        assert_eq!(world.sign_in("dana").get(&page).status, 404);
        assert_eq!(world.sign_in("marcus").get(&page).status, 200);
    });
}
