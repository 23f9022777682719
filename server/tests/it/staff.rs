//! What staff find.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    import::import,
    world::{World, on_every_engine},
};

fn arrive(world: &World, people: &[(String, String, String)]) {
    let person = |(number, given, family): &(String, String, String)| {
        json!({"resourceType": "Patient", "id": format!("found-{number}"), "birthDate": "1961-07-08",
            "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "mrn", "value": number}],
            "name": [{"given": [given], "family": family}]})
    };
    let people: Vec<Value> = people.iter().map(person).collect();
    import(&app::access::as_system(&world.state.db, "test"), &people);
}

/// As it stands in an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

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

#[test]
fn a_name_is_found_however_it_is_spelled() {
    on_every_engine(|world| {
        let people = [
            ("AB-1", "José", "Núñez"),
            ("AB-2", "Sinéad", "O’Brien-Walsh"),
            ("AB-3", "Jörg", "Weiß"),
            ("AB-4", "Işıl", "İpekçi"),
            ("AB-5", "Łukasz", "Bułka"),
            ("QXZV", "John", "Zzsmith"),
            ("AB-7", "小雨", "李"),
        ];
        arrive(world, &people.map(|(number, given, family)| (number.into(), given.into(), family.into())));
        let priya = world.sign_in("priya");
        for (query, name) in [
            ("jose nunez", "José Núñez"),
            ("Jose\u{301} NUN\u{303}EZ", "José Núñez"),
            ("o'brien", "O’Brien-Walsh"),
            ("obrien walsh", "O’Brien-Walsh"),
            ("Walsh, Sinead", "O’Brien-Walsh"),
            ("weiss", "Jörg Weiß"),
            ("WEIẞ", "Jörg Weiß"),
            ("ipekci isil", "Işıl İpekçi"),
            ("IŞIL", "Işıl İpekçi"),
            ("bulka", "Łukasz Bułka"),
            ("Zzsmith, John", "John Zzsmith"),
            ("qxzv", "John Zzsmith"),
            ("ab1", "José Núñez"),
            ("ab-3", "Jörg Weiß"),
            ("李", "小雨 李"),
        ] {
            let page = priya.get(&format!("/staff/patients?query={}", encoded(query))).body;
            assert!(page.contains(name), "{query}: {page}");
            let found: BTreeSet<_> = page.split("/staff/patients/").skip(1).filter_map(|rest| rest.get(..36)).collect();
            assert_eq!(found.len(), 1, "{query} finds one person");
        }
    });
}

#[test]
fn many_who_match_are_said_and_come_page_by_page() {
    on_every_engine(|world| {
        // Digits are no part of a name.
        let given = |number: u8| format!("Zeno{}{}", char::from(b'a' + number / 10), char::from(b'a' + number % 10));
        let people: Vec<(String, String, String)> =
            (0..45).map(|number| (format!("CD-{number}"), given(number), "Zwyx".to_owned())).collect();
        arrive(world, &people);
        let priya = world.sign_in("priya");
        let mut seen = Vec::new();
        for number in 1..=3 {
            let page = priya.get(&format!("/staff/patients?query=zwyx&page={number}")).body;
            assert!(page.contains("More than 20"), "{page}");
            assert_eq!(page.contains(&format!("query=zwyx&amp;page={}", number + 1)), number < 3, "{page}");
            assert_eq!(page.contains("Previous page"), number > 1);
            seen.extend((0..45).filter(|person| page.contains(&format!("{} Zwyx", given(*person)))));
        }
        assert_eq!(seen, (0..45).collect::<Vec<_>>(), "everybody, once");
        assert!(!priya.get("/staff/patients?query=zenoab").body.contains("More than 20"));
        assert_eq!(priya.get("/staff/patients?query=zwyx&page=99999999999999999999").status, 200);
    });
}
