//! Asking staff, and being answered; changes of address; the access log.

use app::desk::requests::entity::request;
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
        assert!(marcus.call("requests/answer-help", &[("id", &id), ("answer_text", " ")]).body.contains("Missing"));
        assert_eq!(marcus.call("requests/answer-help", &[("id", &id), ("answer_text", "Use “Forgot password”.")]).status, 200);
        assert!(marcus.call("requests/answer-help", &[("id", &id), ("answer_text", "twice")]).body.contains("AlreadyDone"));
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
        assert!(maria.call("requests/change-details", &[("patient", &emma)]).body.contains("AlreadyDone"), "nothing is different");
        assert_eq!(maria.call("requests/change-details", &[("patient", &emma), ("city", "Durham")]).status, 200);
        assert!(!maria.get(&format!("/p/{emma}/personal-information")).body.contains("Durham"), "not before staff say so");
        let priya = world.sign_in("priya");
        let queue = priya.get("/staff/queue?kind=details").body;
        let id = queue.split("/staff/requests/").nth(1).expect("a request").split('"').next().expect("an id").to_owned();
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
