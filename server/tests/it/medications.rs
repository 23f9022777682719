//! Medicines: asking for more of them, and what becomes of it.

use app::{
    features::medications::{
        entity::{medicine_proposal, refill_request},
        model::{Kind, ProposalState, RequestState},
    },
    platform::mail::entity::outbox_mail,
    record::{
        item::{entity::health_item, model::Kind as ItemKind},
        prescription::{entity::prescription, import::REQUESTS},
    },
};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    telling::arrive,
    world::{Answer, Somebody, World, on_every_engine},
};

/// A medicine of a chart, by a part of its name.
fn medicine(world: &World, patient: Uuid, name: &str) -> Uuid {
    let query = health_item::Entity::find()
        .filter(health_item::Column::PatientId.eq(patient))
        .filter(health_item::Column::Kind.eq(ItemKind::Medication))
        .filter(health_item::Column::Title.contains(name))
        .order_by_desc(health_item::Column::At);
    let found = world.wait(query.all(&world.state.connection)).expect("a query");
    found.into_iter().find(|item| item.state == app::record::item::model::State::Active).expect("a medicine").id
}

fn requests(world: &World, prescription: Uuid) -> Vec<refill_request::Model> {
    let query = refill_request::Entity::find()
        .filter(refill_request::Column::PrescriptionId.eq(prescription))
        .order_by_desc(refill_request::Column::PreparedAt);
    world.wait(query.all(&world.state.connection)).expect("a query")
}

fn prepare(me: &Somebody<'_>, patient: Uuid, which: &[Uuid], more: &[(&str, &str)]) -> Answer {
    let patient = patient.to_string();
    let boxes: Vec<String> = which.iter().map(|id| format!("which[m{id}]")).collect();
    let mut fields: Vec<(&str, &str)> = vec![("patient", &patient)];
    fields.extend(boxes.iter().map(|name| (name.as_str(), "true")));
    if !more.iter().any(|(name, _)| *name == "pharmacy") {
        fields.extend([("pharmacy", "other"), ("pharmacy_other", "Corner Drugs, Durham")]);
    }
    fields.extend(more);
    me.call("medications/prepare", &fields)
}

/// Prepares and asks.
fn ask(world: &World, me: &Somebody<'_>, patient: Uuid, which: &[Uuid]) -> Answer {
    let prepared = prepare(me, patient, which, &[]);
    assert_eq!(prepared.status, 200, "{}", prepared.body);
    let batch = requests(world, which[0]).first().expect("a request").batch.to_string();
    me.call("medications/request", &[("patient", &patient.to_string()), ("batch", &batch)])
}

fn decide(me: &Somebody<'_>, request: &refill_request::Model, more: &[(&str, &str)]) -> Answer {
    let (patient, id) = (request.patient_id.to_string(), request.id.to_string());
    let fields: Vec<(&str, &str)> = [("patient", patient.as_str()), ("id", id.as_str())].into_iter().chain(more.iter().copied()).collect();
    me.call("medications/decide", &fields)
}

#[test]
fn strangers_teens_and_other_departments_ask_and_decide_nothing() {
    on_every_engine(|world| {
        let (maria, carlos, daniel, priya, nora) =
            (world.sign_in("maria"), world.sign_in("carlos"), world.sign_in("daniel"), world.sign_in("priya"), world.sign_in("nora"));
        let (own, lucas, sofia) = (world.patient("Maria"), world.patient("Lucas"), world.patient("Sofia"));
        let losartan = medicine(world, own, "Losartan");
        // A teen's parent; a level without clinical parts; nobody of the family; staff.
        for (who, patient) in [(&maria, lucas), (&carlos, sofia), (&daniel, own), (&priya, own), (&nora, own)] {
            assert_eq!(who.get(&format!("/p/{patient}/medications")).status, 404);
            let refused = |status: u16| matches!(status, 403 | 404);
            assert!(refused(who.get(&format!("/p/{patient}/medications/request")).status));
            assert!(refused(prepare(who, patient, &[losartan], &[]).status));
        }
        let before = world.wait(refill_request::Entity::find().count(&world.state.connection)).expect("a count");
        // A medicine of another chart.
        let iron = medicine(world, sofia, "Hierro");
        assert_eq!(prepare(&maria, own, &[iron], &[]).status, 404);
        assert_eq!(world.wait(refill_request::Entity::find().count(&world.state.connection)).expect("a count"), before);
        assert_eq!(ask(world, &maria, own, &[losartan]).status, 200);
        let request = requests(world, losartan).remove(0);
        let page = format!("/staff/medications/{}", request.id);
        // Dr. Hale answers for pediatrics, the front desk for none.
        let hale = world.sign_in("hale");
        for who in [&hale, &priya, &daniel, &maria] {
            assert_eq!(who.get(&page).status, 404);
            assert_eq!(decide(who, &request, &[("decision", "approve"), ("refills", "1")]).status, 404);
        }
        assert!(!hale.get("/staff/medications?shelf=all").body.contains("Losartan"));
        assert_eq!(maria.get("/staff/medications").status, 404);
        // Somebody else's preparation is theirs alone.
        assert_eq!(prepare(&maria, world.patient("Ernesto"), &[medicine(world, world.patient("Ernesto"), "Warfarina")], &[]).status, 422);
        let batch = request.batch;
        assert_eq!(daniel.get(&format!("/p/{own}/medications/requests/{batch}")).status, 404);
        assert_eq!(world.sign_in("ernesto").get(&format!("/p/{own}/medications/requests/{batch}")).status, 404);
    });
}

#[test]
fn nothing_is_requested_before_it_was_looked_over_and_then_once() {
    on_every_engine(|world| {
        let (maria, own) = (world.sign_in("maria"), world.patient("Maria"));
        let losartan = medicine(world, own, "Losartan");
        let list = format!("/p/{own}/medications");
        assert!(maria.get("/home").body.contains(&format!("/p/{own}/medications/request?which={losartan}")), "home tells that it runs out");
        let refused = prepare(&maria, own, &[], &[("days_left", "x"), ("pharmacy", "")]);
        for why in ["medications_why_none_chosen", "medications_why_not_days", "why_missing"] {
            assert!(refused.body.contains(why), "{}", refused.body);
        }
        assert_eq!(prepare(&maria, own, &[losartan], &[("days_left", "5"), ("comment", "Soon <b>")]).status, 200);
        let prepared = requests(world, losartan).remove(0);
        assert_eq!((prepared.state, prepared.requested_at, prepared.open_for), (RequestState::Prepared, None, None));
        assert!(maria.get(&list).body.contains("Nothing was requested"), "who leaves is told so");
        let review = maria.get(&format!("{list}/requests/{}", prepared.batch)).body;
        for words in ["Is this right?", "Losartan 50 mg tablet", "Corner Drugs, Durham", "Soon &lt;b&gt;", "Family Medicine"] {
            assert!(review.contains(words), "{words}");
        }
        let send = || maria.call("medications/request", &[("patient", &own.to_string()), ("batch", &prepared.batch.to_string())]);
        assert_eq!((send().status, send().status), (200, 200), "twice is once");
        let all = requests(world, losartan);
        assert_eq!((all.len(), all[0].state, all[0].kind), (1, RequestState::Requested, Kind::Renewal), "no refills are left");
        let after = maria.get(&list).body;
        assert!(after.contains("The office answers by") && !after.contains("Nothing was requested"));
        assert!(!after.contains(&format!("request?which={losartan}")), "no door asks twice");
        assert!(maria.get(&format!("{list}/request")).body.contains("Asked for on"));
        assert!(prepare(&maria, own, &[losartan], &[]).body.contains("medications_why_asked"));
        assert!(!maria.get("/home").body.contains(&format!("request?which={losartan}")));
        let withdraw = || maria.call("medications/withdraw", &[("patient", &own.to_string()), ("id", &all[0].id.to_string())]);
        assert_eq!(withdraw().status, 200);
        assert!(withdraw().body.contains("why_already_done"));
        assert!(maria.get(&list).body.contains(&format!("request?which={losartan}")), "it may be asked for again");
        assert_eq!(prepare(&maria, own, &[losartan], &[]).status, 200);
        assert_eq!(maria.call("medications/discard", &[("patient", &own.to_string())]).status, 200);
        assert!(!maria.get(&list).body.contains("Nothing was requested."));
    });
}

#[test]
fn of_several_each_says_whether_it_went() {
    on_every_engine(|world| {
        let (maria, own) = (world.sign_in("maria"), world.patient("Maria"));
        arrive(world, "Maria", vec![order("more", json!({"medicationCodeableConcept": {"text": "Atorvastatin 20 mg tablet"}}))]);
        let (losartan, other) = (medicine(world, own, "Losartan"), medicine(world, own, "Atorvastatin"));
        let prepared = prepare(&maria, own, &[losartan, other], &[]);
        assert_eq!(prepared.status, 200, "{}", prepared.body);
        let batch = requests(world, losartan).remove(0).batch;
        // Meanwhile the other one is stopped.
        arrive(
            world,
            "Maria",
            vec![order("more", json!({"status": "stopped", "medicationCodeableConcept": {"text": "Atorvastatin 20 mg tablet"}}))],
        );
        assert_eq!(maria.call("medications/request", &[("patient", &own.to_string()), ("batch", &batch.to_string())]).status, 200);
        let page = maria.get(&format!("/p/{own}/medications/requests/{batch}")).body;
        assert!(page.contains("Not requested") && page.contains("Requested by Maria Rivera"), "each by itself");
        let state = |id| requests(world, id).remove(0).state;
        assert_eq!((state(losartan), state(other)), (RequestState::Requested, RequestState::Prepared));
    });
}

/// An order of Dr. Torres for Maria.
fn order(id: &str, more: Value) -> Value {
    let mut order = json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
        "authoredOn": "2025-01-10T09:00:00-05:00",
        "requester": {"reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"}});
    order.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
    order
}

#[test]
fn a_renewal_goes_from_need_to_ready_by_the_hospitals_and_the_pharmacys_word() {
    on_every_engine(|world| {
        let (maria, torres, own) = (world.sign_in("maria"), world.sign_in("torres"), world.patient("Maria"));
        let losartan = medicine(world, own, "Losartan");
        assert_eq!(ask(world, &maria, own, &[losartan]).status, 200);
        let request = requests(world, losartan).remove(0);
        let page = format!("/p/{own}/medications/{losartan}");
        let unseen = maria.get(&page).body;
        assert!(!unseen.contains("Seen by"), "nobody has seen it");
        assert!(unseen.contains("<h2 translate=\"no\">Losartan"), "one level below the page's heading");
        assert!(!unseen.contains("class=\"tabs\"><svg"), "tabs are words");
        let desk = torres.get(&format!("/staff/medications/{}", request.id)).body;
        assert!(
            desk.contains("Newest results and vital signs")
                && desk.contains("Systolic blood pressure / Diastolic blood pressure 122/78 mmHg"),
            "{desk}"
        );
        for words in ["Renewal", "Refills left", "Last visit", "Sumatriptan", "Maria Rivera"] {
            assert!(desk.contains(words), "{words}");
        }
        assert!(maria.get(&page).body.contains("Seen by Dr. Miguel Torres"));
        let mails = || world.wait(outbox_mail::Entity::find().count(&world.state.connection)).expect("a count");
        let before = mails();
        for words in ["", "\u{200b}\u{2060} "] {
            assert!(
                decide(&torres, &request, &[("decision", "decline"), ("words", words)]).body.contains("why_missing"),
                "a no has a reason"
            );
        }
        assert!(decide(&torres, &request, &[("decision", "approve"), ("refills", "12")]).body.contains("medications_why_not_refills"));
        assert_eq!(mails(), before);
        assert_eq!(decide(&torres, &request, &[("decision", "approve"), ("refills", "2"), ("words", "Same dose.")]).status, 200);
        assert!(mails() > before, "it is told that there is news");
        assert!(decide(&torres, &request, &[("decision", "decline"), ("words", "x")]).body.contains("why_already_done"));
        let told = maria.get(&page).body;
        assert!(told.contains("Approved by Dr. Miguel Torres (") && told.contains("Same dose."));
        assert!(!told.contains("Sent to Corner Drugs") && !told.contains("Ready at"), "nothing is drawn that did not happen");
        let gone = maria.call("medications/withdraw", &[("patient", &own.to_string()), ("id", &request.id.to_string())]);
        assert!(gone.body.contains("why_already_done"), "what is approved is not taken back");
        // The hospital's system sends the order that answers it, and the pharmacy what it gave.
        let (now, later) = ((Utc::now() + TimeDelta::minutes(5)).to_rfc3339(), (Utc::now() + TimeDelta::hours(2)).to_rfc3339());
        let answer = order(
            "renewed",
            json!({"authoredOn": now, "identifier": [{"system": REQUESTS, "value": request.id.to_string()}],
            "medicationCodeableConcept": {"text": "Losartan 50 mg tablet"},
            "dispenseRequest": {"numberOfRepeatsAllowed": 2, "expectedSupplyDuration": {"value": 90, "code": "d"}}}),
        );
        arrive(world, "Maria", vec![answer]);
        assert!(maria.get(&page).body.contains("Sent to Corner Drugs, Durham"));
        let given = |status: &str, handed: bool| {
            let mut given = json!({"resourceType": "MedicationDispense", "id": "given", "status": status,
                "medicationCodeableConcept": {"text": "Losartan 50 mg tablet"}, "whenPrepared": later.clone(),
                "authorizingPrescription": [{"reference": "MedicationRequest/renewed"}], "daysSupply": {"value": 90, "code": "d"}});
            if handed {
                given["whenHandedOver"] = json!(later);
            }
            given
        };
        arrive(world, "Maria", vec![given("in-progress", false)]);
        let ready = maria.get(&page).body;
        assert!(
            ready.contains("Ready to pick up") && ready.contains("Ready at Corner Drugs, Durham") && !ready.contains("<b>Given out</b>")
        );
        let under_way = || torres.get("/staff/medications?shelf=under-way").body.contains("Losartan");
        assert!(under_way() && maria.get("/home").body.contains("It is ready"), "home and the office know it too");
        arrive(world, "Maria", vec![given("completed", true)]);
        let now = requests(world, losartan).remove(0);
        assert_eq!((now.state, now.open_for, now.done_at), (RequestState::Done, None, None));
        assert!(!under_way() && !maria.get("/home").body.contains("It is ready"));
        let done = maria.get(&page).body;
        assert!(done.contains("<b>Given out</b>"), "{}", done.len());
        let renewed = medicine(world, own, "Losartan");
        let until = world.wait(prescription::Entity::find_by_id(renewed).one(&world.state.connection)).expect("a query").expect("one");
        let days = (until.runs_out_on.expect("a day") - Utc::now().date_naive()).num_days();
        assert!((88..=90).contains(&days), "the supply counts from what was given: {days}");
        assert!(maria.get(&format!("/p/{own}/medications")).body.contains("There is enough for now"));
        // The pharmacy takes it back.
        arrive(world, "Maria", vec![given("entered-in-error", true)]);
        assert_eq!(requests(world, losartan).remove(0).state, RequestState::Approved);
        assert!(under_way() && !maria.get(&page).body.contains("<b>Given out</b>"));
    });
}

#[test]
fn two_who_ask_at_once_make_one_request() {
    on_every_engine(|world| {
        let (maria, ernesto, father) = (world.sign_in("maria"), world.sign_in("ernesto"), world.patient("Ernesto"));
        let old = medicine(world, father, "Warfarina");
        // What the demo has asked for is over.
        let over = refill_request::ActiveModel { state: Set(RequestState::Done), open_for: Set(None), ..Default::default() };
        let this = refill_request::Column::PrescriptionId.eq(old);
        world.wait(refill_request::Entity::update_many().set(over).filter(this).exec(&world.state.connection)).expect("done");
        assert_eq!((prepare(&maria, father, &[old], &[]).status, prepare(&ernesto, father, &[old], &[]).status), (200, 200));
        let batches: Vec<String> = requests(world, old)
            .iter()
            .filter(|request| request.state == RequestState::Prepared)
            .map(|request| request.batch.to_string())
            .collect();
        assert_eq!(batches.len(), 2, "each prepares their own");
        let father = father.to_string();
        for (who, batch) in [(&maria, 0), (&maria, 1), (&ernesto, 0), (&ernesto, 1)] {
            let _ = who.call("medications/request", &[("patient", &father), ("batch", &batches[batch])]);
        }
        let open = requests(world, old).into_iter().filter(|request| request.open_for.is_some()).count();
        assert_eq!(open, 1);
    });
}

#[test]
fn what_is_controlled_or_from_elsewhere_says_what_to_do_instead() {
    on_every_engine(|world| {
        let (maria, own) = (world.sign_in("maria"), world.patient("Maria"));
        arrive(
            world,
            "Maria",
            vec![
                order("two", json!({"medicationCodeableConcept": {"text": "Oxycodone 5 mg tablet"}})),
                order("four", json!({"medicationCodeableConcept": {"text": "Lorazepam 1 mg tablet"}})),
                order(
                    "elsewhere",
                    json!({"medicationCodeableConcept": {"text": "Levothyroxine 50 mcg tablet"},
                    "requester": {"display": "Dr. Far Away"}}),
                ),
            ],
        );
        let list = maria.get(&format!("/p/{own}/medications")).body;
        assert!(list.contains("The law wants a new prescription each time") && list.contains("No office that answers here prescribed it"));
        let (two, four) = (medicine(world, own, "Oxycodone"), medicine(world, own, "Lorazepam"));
        assert!(prepare(&maria, own, &[two], &[]).body.contains("medications_why_not_now"));
        assert_eq!(ask(world, &maria, own, &[four]).status, 200);
        let request = requests(world, four).remove(0);
        // A nurse of the department sees it; a clinician decides.
        let (nora, torres) = (world.sign_in("nora"), world.sign_in("torres"));
        assert!(nora.get(&format!("/staff/medications/{}", request.id)).body.contains("Only a clinician decides"));
        assert!(decide(&nora, &request, &[("decision", "approve"), ("refills", "0")]).body.contains("medications_why_clinician_only"));
        assert!(decide(&torres, &request, &[("decision", "approve"), ("refills", "6")]).body.contains("medications_why_not_refills"));
        assert_eq!(decide(&torres, &request, &[("decision", "visit")]).status, 200);
        assert!(maria.get(&format!("/p/{own}/medications/{four}")).body.contains("wants to see you first"));
    });
}

#[test]
fn what_is_overdue_stands_out_on_both_sides_and_staff_note_how_far_it_is() {
    on_every_engine(|world| {
        let (maria, nora, own) = (world.sign_in("maria"), world.sign_in("nora"), world.patient("Maria"));
        let sumatriptan = medicine(world, own, "Sumatriptan");
        let request = requests(world, sumatriptan).remove(0);
        assert!(nora.get("/staff/medications?shelf=overdue").body.contains("Sumatriptan"));
        let page = format!("/p/{own}/medications/{sumatriptan}");
        let late = maria.get(&page).body;
        assert!(late.contains("An answer was due by") && late.contains("Call 860-555-0110"));
        let advance = |step: &str| {
            nora.call("medications/advance", &[("patient", &own.to_string()), ("id", &request.id.to_string()), ("step", step)])
        };
        assert!(advance("sent").body.contains("why_already_done"), "not approved yet");
        assert_eq!(decide(&nora, &request, &[("decision", "approve"), ("refills", "0")]).status, 200);
        assert_eq!(advance("sent").status, 200);
        assert!(advance("sent").body.contains("why_already_done"));
        assert!(maria.get(&page).body.contains("Sent to Main Street Pharmacy"));
        assert_eq!((advance("ready").status, advance("done").status), (200, 200));
        assert!(
            maria.get(&format!("/p/{own}/medications")).body.contains(&format!("request?which={sumatriptan}")),
            "it may be asked for again"
        );
    });
}

#[test]
fn what_a_patient_tells_changes_nothing_until_a_clinician_has_reviewed_it() {
    on_every_engine(|world| {
        let (maria, own) = (world.sign_in("maria"), world.patient("Maria"));
        let losartan = medicine(world, own, "Losartan");
        let patient = own.to_string();
        let tell = |more: &[(&str, &str)]| {
            let fields: Vec<(&str, &str)> = [("patient", patient.as_str())].into_iter().chain(more.iter().copied()).collect();
            maria.call("medications/tell", &fields)
        };
        assert!(tell(&[("kind", "allergy")]).body.contains("why_missing"));
        assert_eq!(tell(&[("kind", "stopped"), ("item", &Uuid::now_v7().to_string())]).status, 404);
        assert_eq!(tell(&[("kind", "no_allergy"), ("item", &losartan.to_string())]).status, 404, "a medicine is no allergy");
        assert_eq!(maria.get(&format!("/p/{own}/medications/tell?kind=no_allergy&item={losartan}")).status, 404);
        assert!(
            tell(&[("kind", "another"), ("title", "\u{3164}\u{200b}"), ("words", "x")]).body.contains("why_missing"),
            "a name that nobody sees"
        );
        assert_eq!(tell(&[("kind", "stopped"), ("item", &losartan.to_string())]).status, 200);
        assert_eq!(tell(&[("kind", "allergy"), ("title", "Shrimp"), ("words", "Hives <b>")]).status, 200);
        let page = maria.get(&format!("/p/{own}/medications")).body;
        assert!(
            page.contains("Losartan 50 mg tablet: not taken any more")
                && page.contains("Not reviewed yet")
                && page.contains("Hives &lt;b&gt;")
        );
        assert!(page.contains(&format!("request?which={losartan}")), "the record is as it was");
        assert!(!maria.get(&format!("/p/{own}/health/allergies")).body.contains("Shrimp"));
        let query = medicine_proposal::Entity::find().filter(medicine_proposal::Column::Title.eq("Shrimp"));
        let told = world.wait(query.one(&world.state.connection)).expect("a query").expect("one");
        let (nora, torres, hale) = (world.sign_in("nora"), world.sign_in("torres"), world.sign_in("hale"));
        let path = format!("/staff/medications/told/{}", told.id);
        assert_eq!((hale.get(&path).status, maria.get(&path).status), (404, 404));
        let review = |who: &Somebody<'_>, decision: &str, answer: &str| {
            let id = told.id.to_string();
            who.call("medications/review", &[("patient", &patient), ("id", &id), ("decision", decision), ("words", answer)])
        };
        assert_eq!(review(&hale, "accept", "").status, 404);
        assert!(review(&nora, "accept", "").body.contains("medications_why_clinician_only"));
        assert!(torres.get(&path).body.contains("Shrimp"));
        assert!(review(&torres, "decline", "").body.contains("why_missing"));
        assert_eq!(review(&torres, "decline", "Let us test it first.").status, 200);
        assert!(review(&torres, "accept", "").body.contains("why_already_done"));
        let state = world.wait(medicine_proposal::Entity::find_by_id(told.id).one(&world.state.connection)).expect("a query");
        assert_eq!(state.expect("one").state, ProposalState::Declined);
        assert!(maria.get(&format!("/p/{own}/medications")).body.contains("Let us test it first."));
    });
}

#[test]
fn a_parent_asks_for_a_child_and_the_preferred_pharmacy_is_remembered() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        let inhaler = medicine(world, emma, "Albuterol");
        let form = maria.get(&format!("/p/{emma}/medications/request?which={inhaler}")).body;
        assert!(form.contains("Refill: 3 left") && form.contains("Main Street Pharmacy") && form.contains("(sends home)"));
        let mail = form.split("<option value=\"").find(|option| option.contains("Connecticut Mail")).and_then(|option| option.get(..36));
        let mail = mail.expect("a pharmacy");
        assert_eq!(prepare(&maria, emma, &[inhaler], &[("pharmacy", mail), ("remember", "true")]).status, 200);
        let request = requests(world, inhaler).remove(0);
        assert_eq!((request.role.as_deref(), request.kind, request.delivery), (Some("parent"), Kind::Refill, true));
        let again = maria.get(&format!("/p/{emma}/medications/request")).body;
        let first = again.split("<option value=\"").nth(2).expect("a choice");
        assert!(first.starts_with(mail) && first.contains("selected"), "{first}");
        assert_eq!(maria.call("medications/request", &[("patient", &emma.to_string()), ("batch", &request.batch.to_string())]).status, 200);
        assert!(maria.get(&format!("/p/{emma}/medications")).body.contains("Requested by Maria Rivera for Emma"));
        let found = maria.get(&format!("/p/{emma}/medications/request?pharmacy_words=river%25")).body;
        assert!(!found.contains("Riverside"), "a percent sign is a percent sign");
    });
}

#[test]
fn what_was_given_stands_at_its_medicine_or_among_the_other_records() {
    on_every_engine(|world| {
        let (maria, own) = (world.sign_in("maria"), world.patient("Maria"));
        let dispense = |id: &str, extra: Value| {
            let mut dispense = json!({"resourceType": "MedicationDispense", "id": id, "status": "completed",
                "medicationCodeableConcept": {"text": format!("Given {id}")}, "whenHandedOver": "2026-02-03T10:00:00-05:00"});
            dispense.as_object_mut().expect("members").extend(extra.as_object().expect("members").clone());
            dispense
        };
        let restricted = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]});
        let at = |reference: &str| json!([{"reference": reference}]);
        arrive(
            world,
            "Maria",
            vec![
                order("of", json!({"medicationCodeableConcept": {"text": "Atorvastatin 20 mg tablet"}})),
                dispense(
                    "plain",
                    json!({"authorizingPrescription": at("MedicationRequest/of"), "quantity": {"value": 31, "unit": "tablet"}}),
                ),
                dispense(
                    "hidden",
                    json!({"authorizingPrescription": at("MedicationRequest/of"), "meta": restricted, "quantity": {"value": 77, "unit": "tablet"}}),
                ),
                dispense("alone", json!({})),
            ],
        );
        let page = maria.get(&format!("/p/{own}/medications/{}", medicine(world, own, "Atorvastatin"))).body;
        assert!(page.contains("31 tablet") && !page.contains("77 tablet"), "what is sensitive stands at no medicine that is not");
        let others = maria.get(&format!("/p/{own}/health/other")).body;
        for (name, is_there) in [("Given plain", false), ("Given hidden", true), ("Given alone", true)] {
            assert_eq!(others.contains(name), is_there, "{name}");
        }
    });
}
