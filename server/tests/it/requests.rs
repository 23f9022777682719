//! Asking staff, and being answered; changes of address; the access log.

use app::{
    base::i18n::{Locale, Texts},
    desk::requests::{entity::request, model::RequestState},
    site::features::request_kinds,
};
use sea_orm::EntityTrait;

use crate::{accounts::letters, world::on_every_engine};

#[test]
fn help_is_asked_numbered_answered_by_support_and_read_by_whoever_asked() {
    on_every_engine(|world| {
        let nobody = world.nobody().call("requests/ask-help", &[("text", "I cannot sign in")]);
        assert!(nobody.body.contains("\"name\"") && nobody.body.contains("\"email\""), "{}", nobody.body);
        let asked = world.nobody().call(
            "requests/ask-help",
            &[("name", "Ana"), ("email", "ana@example.org"), ("topic", "sign_in"), ("text", "I cannot sign in")],
        );
        assert_eq!(asked.status, 200, "{}", asked.body);
        let row = world.wait(request::Entity::find().one(&world.state.connection)).expect("a query").expect("a request");
        assert!(row.number.starts_with("H-") && row.number.len() == 11, "{}", row.number);
        let due = app::desk::requests::model::business_days_after(world.state.clock.now().today, 3);
        assert_eq!(row.due_on, due);
        assert!(letters(world, "ana@example.org")[0].text.contains(&row.number));
        assert_eq!(world.sign_in("maria").call("requests/ask-help", &[("topic", "page"), ("text", "A page is white")]).status, 200);
        let (marcus, id) = (world.sign_in("marcus"), row.id.to_string());
        assert!(world.sign_in("priya").get("/staff/queue").body.contains("Nothing waits"), "not the front desk's");
        assert_eq!(world.sign_in("priya").call("requests/answer-help", &[("id", &id), ("answer_text", "x")]).body, "\"NotFound\"");
        assert_eq!(world.sign_in("maria").call("requests/answer-help", &[("id", &id), ("answer_text", "x")]).body, "\"NotFound\"");
        assert!(marcus.get("/staff/queue").body.contains(&row.number));
        assert!(marcus.call("requests/answer-help", &[("id", &id), ("answer_text", " ")]).body.contains("why_missing"));
        assert_eq!(marcus.call("requests/answer-help", &[("id", &id), ("answer_text", "Use “Forgot password”.")]).status, 200);
        assert!(marcus.call("requests/answer-help", &[("id", &id), ("answer_text", "twice")]).body.contains("why_already_done"));
        assert!(letters(world, "ana@example.org")[0].text.contains("Forgot password"), "who has no account reads it in the letter");
        let maria = world.sign_in("maria");
        let own = maria.get("/requests").body;
        assert!(own.contains("A page is white") && !own.contains("I cannot sign in"), "one's own only");
    });
}

#[test]
fn a_change_of_address_is_asked_by_who_may_edit_and_written_by_staff() {
    on_every_engine(|world| {
        let (maria, emma, lucas) = (world.sign_in("maria"), world.patient("Emma").to_string(), world.patient("Lucas").to_string());
        let teen = maria.call("requests/change-details", &[("patient", &lucas), ("city", "Durham")]);
        assert_eq!(teen.body, "\"NotAllowed\"", "a teen's parent sees and does not edit");
        assert_eq!(maria.get(&format!("/p/{lucas}/personal-information/change")).status, 403);
        let sofia = world.patient("Sofia").to_string();
        assert_eq!(world.sign_in("carlos").call("requests/change-details", &[("patient", &sofia), ("city", "X")]).body, "\"NotAllowed\"");
        assert!(maria.call("requests/change-details", &[("patient", &emma)]).body.contains("why_already_done"), "nothing is different");
        let wrong = [("patient", &*emma), ("postal_code", "1234567"), ("phone_mobile", "abc"), ("city", "Durham")];
        let wrong = maria.call("requests/change-details", &wrong).body;
        for (field, why) in [("postal_code", "personal_why_not_a_postal_code"), ("phone_mobile", "personal_why_not_a_phone")] {
            assert!(wrong.contains(&format!(r#"{{"field":"{field}","why":"{why}"}}"#)), "{wrong}");
        }
        assert_eq!(maria.call("requests/change-details", &[("patient", &emma), ("city", "Durham")]).status, 200);
        assert!(!maria.get(&format!("/p/{emma}/personal-information")).body.contains("Durham"), "not before staff say so");
        let priya = world.sign_in("priya");
        let queue = priya.get("/staff/queue?kind=details").body;
        let id = queue.split("/staff/requests/").nth(1).expect("a request").split('"').next().expect("an id").to_owned();
        let page = priya.get(&format!("/staff/requests/{id}")).body;
        let now = maria.get(&format!("/p/{emma}/personal-information/change")).body;
        let city = now.split("name=\"city\" value=\"").nth(1).and_then(|part| part.split('"').next()).expect("a city").to_owned();
        assert!(page.contains("In the record") && page.contains(&city) && page.contains("Durham"), "what is there stands beside: {page}");
        assert_eq!(priya.call("requests/decide", &[("id", &id), ("decision", "accept"), ("reason", "")]).status, 200);
        assert!(maria.get(&format!("/p/{emma}/personal-information")).body.contains("Durham"));
    });
}

#[test]
fn the_access_log_is_filtered_downloaded_and_questioned() {
    on_every_engine(|world| {
        let (maria, ernesto, patient) = (world.sign_in("maria"), world.sign_in("ernesto"), world.patient("Ernesto").to_string());
        assert_eq!(maria.call("visits/list", &[("patient", &patient)]).status, 200);
        let page = ernesto.get(&format!("/p/{patient}/access-log")).body;
        assert!(page.contains("Maria Rivera"), "{page}");
        let mine = ernesto.get(&format!("/p/{patient}/access-log?who=me")).body;
        assert!(!mine.contains("Maria Rivera"));
        let (status, csv) = ernesto.get_bytes(&format!("/files/access-log/{patient}"));
        let csv = String::from_utf8(csv).expect("UTF-8");
        assert_eq!(status, 200);
        assert!(csv.starts_with('\u{feff}') && csv.contains("Maria Rivera"), "{csv}");
        assert_eq!(world.sign_in("sofia").get_bytes(&format!("/files/access-log/{patient}")).0, 404);
        let event = page.split("name=\"event\" value=\"").nth(1).expect("a line").split('"').next().expect("an id").to_owned();
        assert_eq!(ernesto.call("requests/report-access", &[("patient", &patient), ("event", &event)]).status, 200);
        assert!(world.sign_in("marcus").get("/staff/queue?kind=not_me").body.contains("Ernesto"));
        let teen = world.patient("Lucas").to_string();
        assert_eq!(maria.get(&format!("/p/{teen}/access-log")).status, 200);
    });
}

/// Requests as they were stored before each feature kept its own: they are read for as long as the database has them.
const STORED: [(&str, &str, &str); 12] = [
    ("help", r#"{"text":"A page is white","topic":"page"}"#, "A page is white"),
    (
        "not_me",
        r#"{"device":null,"event":"00000000-0000-0000-0000-000000000001","what":"Visits","when":"May 3, 2026","who":"Grace Kim"}"#,
        "Grace Kim",
    ),
    ("sign_up", r#"{"birth_date":"1960-05-03","family_name":"X","given_name":"Ana","phone":"","zip":"06457"}"#, "06457"),
    ("child_access", r#"{"birth_date":"2019-05-03","family_name":"X","given_name":"Ana","relationship":"guardian"}"#, "Legal guardian"),
    ("merged", r#"{"old_number":"OLD-1","new_number":"NEW-1","two_accounts":true,"proxies":2}"#, "OLD-1"),
    ("papers", r#"{"birth_date":"1940-05-03","family_name":"X","given_name":"Ana","papers":"guardianship","until":null}"#, "Ana X"),
    ("details", r#"{"city":"Durham","for":"Emma Rivera"}"#, "Durham"),
    (
        "correction",
        r#"{"about":"item:00000000-0000-0000-0000-000000000001","page":"/","quote":"Left","right":"","title":"Ear","wrong":"The other"}"#,
        "The other",
    ),
    (
        "bill_question",
        r#"{"bill":"00000000-0000-0000-0000-000000000001","number":"B-1","due":1250,"topic":"insurance","words":"Paid twice"}"#,
        "Paid twice",
    ),
    ("estimate", r#"{"visit":null,"title":"Annual physical","words":"With a blood test"}"#, "With a blood test"),
    (
        "financial_help",
        r#"{"guarantor":"00000000-0000-0000-0000-000000000001","number":"1001","household":3,"income":210000,"words":"Lost my work"}"#,
        "Lost my work",
    ),
    (
        "insurance",
        r#"{"what":"new","coverage":null,"insurer":"Nutmeg","member_id":"N1","group_id":"","holder":"","relationship":"self","day":"2026-05-03"}"#,
        "Nutmeg",
    ),
];

#[test]
fn stored_requests_of_every_kind_stay_readable() {
    let kinds = request_kinds();
    let mut keys: Vec<&str> = kinds.0.iter().map(|kind| kind.key).collect();
    let mut letters: Vec<char> = kinds.0.iter().map(|kind| kind.letter).collect();
    let mut stored: Vec<&str> = STORED.iter().map(|(key, ..)| *key).collect();
    keys.sort_unstable();
    stored.sort_unstable();
    letters.sort_unstable();
    letters.dedup();
    assert_eq!((keys.as_slice(), letters.len()), (stored.as_slice(), stored.len()), "each kind has a key and a letter of its own");
    for (key, body, word) in STORED {
        let kind = kinds.named(key).expect("a kind");
        let now = chrono::Utc::now();
        let row = request::Model {
            id: uuid::Uuid::from_u128(1),
            number: format!("{}-0000-0000", kind.letter),
            kind: key.into(),
            state: RequestState::Open,
            account_id: None,
            patient_id: None,
            name: "Ana".into(),
            email: None,
            locale: "en".into(),
            body: body.into(),
            created_at: now,
            due_on: now.date_naive(),
            answer: None,
            answered_by: None,
            answered_at: None,
            confirmed: None,
        };
        let told = format!("{:?}", (kind.describe)(Texts(Locale::En), &row).expect("a description"));
        assert!(told.contains(word), "{key}: {told}");
        assert!((kind.describe)(Texts(Locale::En), &request::Model { body: "{}".into(), ..row }).is_err(), "{key}");
    }
}

#[test]
fn a_request_that_waits_is_withdrawn_by_whoever_asked_and_nobody_decides_it_then() {
    on_every_engine(|world| {
        let (maria, priya, emma) = (world.sign_in("maria"), world.sign_in("priya"), world.patient("Emma").to_string());
        assert_eq!(maria.call("requests/change-details", &[("patient", &emma), ("city", "Durham")]).status, 200);
        assert!(maria.get("/requests").body.contains("Withdraw this request"));
        let row = world.wait(request::Entity::find().one(&world.state.connection)).expect("a query").expect("a request");
        let id = row.id.to_string();
        for other in [world.sign_in("ernesto"), priya.clone()] {
            assert_eq!(other.call("requests/withdraw", &[("id", &id)]).body, "\"NotFound\"");
        }
        let withdrawn = maria.submit("/api/requests/withdraw", &[("id", &id)]);
        assert_eq!(withdrawn.header("location"), "/requests?done=withdrawn");
        let page = maria.get("/requests?done=withdrawn").body;
        assert!(page.contains("Nobody works on it any more") && !page.contains("Withdraw this request"), "{page}");
        assert!(maria.call("requests/withdraw", &[("id", &id)]).body.contains("why_already_done"));
        assert!(!priya.get("/staff/queue?kind=details").body.contains(&id), "it waits in no queue");
        assert!(priya.get(&format!("/staff/requests/{id}")).body.contains("Withdrawn"));
        let late = priya.call("requests/decide", &[("id", &id), ("decision", "accept"), ("reason", "")]);
        assert!(late.body.contains("why_already_done"), "{}", late.body);
        assert!(!maria.get(&format!("/p/{emma}/personal-information")).body.contains("Durham"));
    });
}

#[test]
fn help_names_each_field_that_is_wrong_says_911_once_and_begins_where_the_asker_is() {
    on_every_engine(|world| {
        let nobody = world.nobody();
        let refused = nobody.submit("/api/requests/ask-help?again=/help/ask", &[("text", "")]);
        let page = nobody.with_cookies_of(&refused).get("/help/ask?again=1").body;
        let summary = page.split("error-summary").nth(1).and_then(|part| part.split("</div>").next()).expect("a summary");
        for words in ["Your name: Please fill this in.", "Email address: Please fill this in."] {
            assert!(summary.contains(words), "{words}: {summary}");
        }
        assert!(page.contains("I cannot sign in"));
        let signed_in = world.sign_in("maria").get("/help/ask").body;
        let main = signed_in.split("<main").nth(1).and_then(|part| part.split("</main>").next()).expect("the page");
        assert!(!main.contains("I cannot sign in") && main.contains("Something else"), "{main}");
        assert_eq!(main.matches("911").count(), 1, "{main}");
    });
}
