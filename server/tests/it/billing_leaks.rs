//! What bills must not say: to guests and payers nothing of anybody's health, and nowhere the number of a payment card.

use std::{collections::BTreeSet, fs, path::Path};

use app::{access::as_system, desk::billing::entity::bill, people::patient};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    accounts::letters,
    billing::{account_numbered, all, bill_numbered, newest_attempt, prepare, type_card},
    world::{Somebody, World, on_every_engine},
};

/// Where the words of a resource stand.
const WORDS: [&str; 9] = ["display", "text", "title", "description", "given", "comment", "name", "line", "div"];

/// Every resource of the household.
pub fn resources() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/household");
    let files = fs::read_dir(folder).expect("the household").map(|entry| entry.expect("a file").path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    files
        .flat_map(|path| {
            let bundle: Value = serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON");
            bundle["entry"].as_array().cloned().unwrap_or_default()
        })
        .map(|entry| entry["resource"].clone())
        .collect()
}

/// The words of a resource that are worth looking for.
fn words_of(value: &Value, under: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if WORDS.contains(&under) && text.chars().count() > 3 && text.chars().any(char::is_alphabetic) => {
            found.insert(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|one| words_of(one, under, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, one)| words_of(one, name, found)),
        _ => {}
    }
}

fn words(resources: &[Value]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    resources.iter().for_each(|resource| words_of(resource, "", &mut found));
    found
}

/// The words of these that stand in a page, as HTML writes them.
fn in_page(page: &str, words: &BTreeSet<String>) -> Vec<String> {
    let page = page.replace("&amp;", "&").replace("&#x27;", "'").replace("&lt;", "<");
    words.iter().filter(|word| page.contains(word.as_str())).cloned().collect()
}

#[test]
fn a_guest_reads_no_word_of_anybodys_record() {
    on_every_engine(|world| {
        let nobody = world.nobody();
        // What every page says, such as the name of the house.
        let begins = nobody.get("/pay").body;
        let said_anyway: BTreeSet<String> = words(&resources()).into_iter().filter(|word| begins.contains(word.as_str())).collect();
        let secrets: BTreeSet<String> = words(&resources()).difference(&said_anyway).cloned().collect();
        assert!(secrets.len() > 300, "{}", secrets.len());
        for number in ["1002001", "1002002"] {
            let account = account_numbered(world, number);
            let opened = nobody.call("pay/find", &[("number", number), ("family_name", &account.family_name)]);
            assert_eq!(opened.status, 200, "{}", opened.body);
            let guest = nobody.with_cookies_of(&opened);
            let mut pages = vec![guest.get("/pay/bills").body];
            let open = all::<bill::Entity>(world)
                .into_iter()
                .find(|bill| bill.guarantor_id == Some(account.id) && bill.is_open && bill.balance_cents > 500);
            let Some(open) = open else { continue };
            let fields = [(format!("amount[b{}]", open.id), "5".to_owned()), ("email".to_owned(), "guest@example.org".to_owned())];
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(guest.call("pay/prepare", &fields).status, 200);
            let id = newest_attempt(world).id;
            pages.push(guest.get(&format!("/pay/payments/{id}/card")).body);
            assert_eq!(type_card(&guest, "/pay/payments", "pay/use-card", id, "works", "").status, 200);
            pages.push(guest.get(&format!("/pay/payments/{id}")).body);
            assert_eq!(guest.call("pay/pay", &[("id", &id.to_string())]).status, 200);
            pages.extend([guest.get(&format!("/pay/payments/{id}")).body, guest.get("/pay/bills").body]);
            let (status, receipt) = guest.get_bytes(&format!("/files/guest-receipt/{id}"));
            assert!(status == 200 && receipt.starts_with(b"%PDF"), "{status}");
            pages.extend(letters(world, "guest@example.org").into_iter().map(|letter| format!("{} {}", letter.subject, letter.text)));
            for page in &pages {
                assert_eq!(in_page(page, &secrets), Vec::<String>::new(), "{page}");
            }
            // The file of somebody else's payment, and of one that did not go through, is not there.
            assert_eq!(world.nobody().get(&format!("/files/guest-receipt/{id}")).status, 404);
            assert_eq!(guest.get(&format!("/files/receipt/{id}")).status, 303, "to the sign-in page");
        }
    });
}

#[test]
fn who_pays_for_somebody_reads_no_word_of_a_chart_that_is_closed_to_them() {
    on_every_engine(|world| {
        let all_resources = resources();
        let mut looked = 0;
        for username in ["maria", "grace", "ernesto", "daniel", "carlos", "harold", "olivia"] {
            let Some(me) = signed_in(world, username) else { continue };
            let open_to_me = |patient: &patient::Model| me.get(&format!("/p/{}/visits", patient.id)).status == 200;
            let (open, closed): (Vec<_>, Vec<_>) = all::<patient::Entity>(world).into_iter().partition(|patient| open_to_me(patient));
            let of = |people: &[patient::Model]| -> Vec<Value> {
                let names: Vec<String> = people.iter().map(|patient| reference(world, patient.id)).collect();
                let about = |resource: &Value| {
                    names.iter().any(|name| resource["subject"]["reference"] == *name || resource["patient"]["reference"] == *name)
                };
                all_resources.iter().filter(|resource| about(resource)).cloned().collect()
            };
            // Words that also stand in a chart that they read, or on a page without anybody's bills, prove nothing.
            let known = words(&of(&open));
            let anyway = me.get("/billing/cards").body;
            // The title of a service is the payer's to read, where it is not confidential.
            let billed = |resource: &Value| {
                matches!(
                    resource["resourceType"].as_str(),
                    Some(
                        "Invoice" | "ChargeItem" | "ExplanationOfBenefit" | "Claim" | "Coverage" | "Account" | "Appointment" | "Encounter"
                    )
                )
            };
            let secret: Vec<Value> = of(&closed).into_iter().filter(|resource| !billed(resource)).collect();
            let secret: BTreeSet<String> =
                words(&secret).into_iter().filter(|word| !known.contains(word) && !anyway.contains(word.as_str())).collect();
            let list = me.get("/billing").body;
            let links: BTreeSet<&str> = list
                .split("href=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .filter(|href| href.starts_with("/billing/"))
                .collect();
            for link in links {
                let page = me.get(link);
                looked += 1;
                assert_eq!(in_page(&page.body, &secret), Vec::<String>::new(), "{username} {link}: {}", page.body);
            }
        }
        assert!(looked > 20, "{looked}");
    });
}

fn signed_in<'w>(world: &'w World, username: &str) -> Option<Somebody<'w>> {
    let system = as_system(&world.state.db, "test");
    let found = world.wait(app::features::account::sign_in::store::open_for_demo(&system, username, "")).ok()??;
    Some(Somebody::with_cookies(world, format!("session={}", found.token)))
}

fn reference(world: &World, patient: Uuid) -> String {
    let name = all::<patient::Entity>(world).into_iter().find(|row| row.id == patient).expect("a patient").given_name;
    format!("Patient/{}", world.reference(&name))
}

/// Who types it, into which function, what, and the field with the number.
type Typed<'a> = (&'a Somebody<'a>, &'a str, Vec<(&'a str, &'a str)>, &'a str);

const CARD: &str = "4242 4242 4242 4242";

#[test]
fn the_number_of_a_card_is_refused_wherever_it_is_typed_and_stands_nowhere() {
    on_every_engine(|world| {
        let (nobody, maria, dana) = (world.nobody(), world.sign_in("maria"), world.sign_in("dana"));
        let bill = bill_numbered(world, "B-26-00117");
        let (id, account) = (bill.id.to_string(), bill.guarantor_id.expect("a guarantor").to_string());
        let own = world.patient("Maria").to_string();
        let text = format!("Please take {CARD}, 04/30, 123");
        let typed: [Typed<'_>; 10] = [
            (&nobody, "pay/find", vec![("number", CARD), ("family_name", "Rivera")], "number"),
            (&nobody, "pay/find", vec![("number", "1002001"), ("family_name", &text)], "family_name"),
            (&nobody, "pay/code", vec![("letter_code", CARD), ("birth_date", "1980-05-17")], "letter_code"),
            (&maria, "billing/ask", vec![("bill", &id), ("topic", "amount"), ("words", &text)], "words"),
            (&maria, "requests/ask-help", vec![("topic", "other"), ("text", &text)], "text"),
            (&dana, "ledgers/adjust", vec![("bill", &id), ("how", "up"), ("amount", "1"), ("words", &text)], "words"),
            (&dana, "ledgers/record-payment", vec![("bill", &id), ("amount", "1"), ("words", &text)], "words"),
            (&dana, "ledgers/transfer", vec![("bill", &id), ("to", "1002002"), ("words", &text)], "words"),
            (&dana, "ledgers/estimate", vec![("bill", &id), ("title", "x"), ("lines", "x 1.00"), ("note", &text)], "note"),
            (&maria, "messages/send", vec![("patient", &own), ("topic", "question"), ("subject", "x"), ("body", &text)], "body"),
        ];
        for (who, function, fields, at) in typed {
            let refused = who.call(function, &fields);
            assert_eq!(refused.status, 422, "{function}: {}", refused.body);
            assert!(refused.body.contains("why_payment_card") && refused.body.contains(at), "{function}: {}", refused.body);
        }
        let refused = prepare(&maria, bill.guarantor_id.expect("a guarantor"), &[(bill.id, CARD)], "new");
        assert!(refused.body.contains("why_payment_card"), "{}", refused.body);
        let card = [("patient", own.as_str()), ("what", "new"), ("insurer", "Shore Plan"), ("member_id", CARD)];
        assert!(maria.upload("billing/insurance", &card, "file", "", b"").body.contains("why_payment_card"));
        let help = [("guarantor", account.as_str()), ("household", "2"), ("income", "2000"), ("words", &text)];
        assert!(maria.upload("billing/hardship", &help, "file", "", b"").body.contains("why_payment_card"));
        // A plain form comes back with what was typed, but for the number.
        let back = format!("/billing/bills/{id}/ask");
        let sent = maria.submit(&format!("/api/billing/ask?again={back}"), &[("bill", &id), ("topic", "amount"), ("words", &text)]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        let page = maria.with_cookies_of(&sent).get(sent.header("location").split('#').next().expect("a page")).body;
        assert!(page.contains("Please take •••• 4242, 04/30, 123") && page.contains("number of a payment card"), "{page}");
        assert_eq!(stored(world, "4242424242424242"), Vec::<String>::new());
    });
}

/// The columns in which digits stand, whatever is between them.
fn stored(world: &World, digits: &str) -> Vec<String> {
    let connection = &world.state.connection;
    let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
    let columns = if sqlite {
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    } else {
        "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'"
    };
    let rows = world.wait(connection.query_all_raw(Statement::from_string(connection.get_database_backend(), columns))).expect("columns");
    let columns: Vec<(String, String)> =
        rows.iter().map(|row| (row.try_get_by_index(0).expect("a table"), row.try_get_by_index(1).expect("a column"))).collect();
    assert!(columns.len() > 300, "{}", columns.len());
    columns
        .into_iter()
        .filter(|(table, column)| {
            let plain = format!("replace(replace(CAST(\"{column}\" AS TEXT), ' ', ''), '-', '')");
            let query = format!("SELECT COUNT(*) FROM \"{table}\" WHERE {plain} LIKE '%{digits}%'");
            let row =
                world.wait(connection.query_one_raw(Statement::from_string(connection.get_database_backend(), query))).expect("a query");
            row.expect("a count").try_get_by_index::<i64>(0).expect("a count") > 0
        })
        .map(|(table, column)| format!("{table}.{column}"))
        .collect()
}
