//! Files of messages: judged by what they are, scanned, sealed, and handed out to whoever may read the message alone.

use std::{
    io::{Cursor, Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread,
};

use app::{
    features::messages::entity::{message, message_file, message_file_chunk, message_thread},
    platform::scanner::{Address, Scanner},
};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};
use uuid::Uuid;

use crate::{
    messages::recipient,
    world::{Answer, Somebody, World, on_every_engine},
};

fn png(shade: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let picture = DynamicImage::from(RgbImage::from_pixel(3000, 40, Rgb([shade, 90, 60])));
    picture.write_to(&mut Cursor::new(&mut file), ImageFormat::Png).expect("a picture");
    file
}

/// A JPEG with where it was taken in its metadata.
fn with_place() -> Vec<u8> {
    let mut file = Vec::new();
    DynamicImage::from(RgbImage::from_pixel(40, 30, Rgb([1, 2, 3])))
        .write_to(&mut Cursor::new(&mut file), ImageFormat::Jpeg)
        .expect("a picture");
    let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0GPS 41.55N 72.65W";
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&file[..2], &[0xFF, 0xE1], &length, exif, &file[2..]].concat()
}

fn files(world: &World) -> Vec<message_file::Model> {
    let all = message_file::Entity::find().order_by_asc(message_file::Column::AddedAt).order_by_asc(message_file::Column::Id);
    world.wait(all.all(&world.state.connection)).expect("files")
}

fn newest(world: &World) -> message_thread::Model {
    let threads = world.wait(message_thread::Entity::find().all(&world.state.connection)).expect("threads");
    threads.into_iter().max_by_key(|thread| thread.created_at).expect("a thread")
}

struct Writing<'a> {
    who: &'a Somebody<'a>,
    patient: Uuid,
    to: String,
}

impl Writing<'_> {
    fn send(&self, function: &str, key: Uuid, body: &str, with: &[(&str, &[u8])]) -> Answer {
        self.send_kept(function, key, body, with, &[])
    }

    /// With the files that the page shows already.
    fn send_shown(&self, body: &str) -> Answer {
        let page = self.who.get(&format!("/p/{}/messages/new", self.patient)).body;
        let names = page.split("name=\"").skip(1).filter_map(|part| part.split('"').next()).filter(|name| name.starts_with("kept["));
        let names: Vec<&str> = names.collect();
        self.send_kept("messages/send", Uuid::now_v7(), body, &[], &names)
    }

    fn send_kept(&self, function: &str, key: Uuid, body: &str, with: &[(&str, &[u8])], kept: &[&str]) -> Answer {
        let (patient, key) = (self.patient.to_string(), key.to_string());
        let mut fields = vec![
            ("patient", &*patient),
            ("thread", ""),
            ("sending_key", &*key),
            ("topic", "question"),
            ("to", &*self.to),
            ("subject", "A rash"),
            ("body", body),
        ];
        fields.extend(kept.iter().map(|name| (*name, "true")));
        self.who.upload_all(function, &fields, "files", with)
    }
}

fn writing<'a>(world: &World, who: &'a Somebody<'a>) -> Writing<'a> {
    let patient = world.patient("Emma");
    Writing { who, patient, to: recipient(who, patient, "Susan Hale") }
}

#[test]
fn a_draft_of_files_alone_is_told_where_one_looks_for_it() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let (list, form) = (format!("/p/{}/messages", world.patient("Emma")), format!("/p/{}/messages/new", world.patient("Emma")));
        let began = || maria.get(&list).body.contains("You began a message");
        assert!(!began());
        let fields = [("patient", &*world.patient("Emma").to_string()), ("thread", "")];
        assert_eq!(maria.upload_all("messages/keep-draft", &fields, "files", &[("a.exe", b"MZ\x90\0\x03")]).status, 422);
        assert!(!began(), "what was refused is no draft");
        assert_eq!(maria.upload_all("messages/keep-draft", &fields, "files", &[("note.txt", b"38.2")]).status, 200);
        assert!(began() && maria.get(&form).body.contains("note.txt"));
        let page = maria.get(&form).body;
        let kept = page.split("name=\"kept[").nth(1).and_then(|part| part.split(']').next()).expect("a file").to_owned();
        let gone = [fields[0], fields[1], ("remove", &*kept)];
        assert_eq!(maria.upload_all("messages/keep-draft", &gone, "files", &[]).status, 200);
        assert!(!began());
    });
}

#[test]
fn text_and_files_arrive_together_and_are_handed_out_to_whoever_reads_the_message() {
    on_every_engine(|world| {
        let (maria, hale) = (world.sign_in("maria"), world.sign_in("hale"));
        let mother = writing(world, &maria);
        let (key, pdf) = (Uuid::now_v7(), [b"%PDF-1.7 ".to_vec(), vec![7; 700_000]].concat());
        let with: [(&str, &[u8]); 4] = [
            ("rash.PNG", &png(200)),
            ("here.jpg", &with_place()),
            ("Letter.PDF", &pdf),
            ("ma\u{f1}ana.txt", "ni\u{f1}a: 38.2 °C".as_bytes()),
        ];
        assert_eq!(mother.send("messages/send", key, "See the pictures", &with).status, 200);
        let (thread, stored) = (newest(world), files(world));
        assert_eq!(stored.iter().map(|file| &*file.name).collect::<Vec<_>>(), ["rash.jpg", "here.jpg", "Letter.pdf", "mañana.txt"]);
        assert!(stored.iter().all(|file| file.message_id.is_some() && file.thread_id == thread.id));
        // The same form again sends neither text nor files again.
        assert_eq!(mother.send("messages/send", key, "See the pictures", &with).status, 200);
        let messages = world.wait(message::Entity::find().count(&world.state.connection)).expect("a count");
        assert_eq!(files(world).iter().filter(|file| file.message_id.is_some()).count(), 4);

        let page = maria.get(&format!("/p/{}/messages/{}", thread.patient_id, thread.id)).body;
        assert!(
            page.contains("Letter.pdf (0.7 MB)") || page.contains("Letter.pdf (684 kB)") || page.contains("Letter.pdf (701 kB)"),
            "{page}"
        );
        let at = |file: &message_file::Model| format!("/files/message/{}/{}", thread.patient_id, file.id);
        let (status, bytes) = maria.get_bytes(&at(&stored[2]));
        assert_eq!((status, bytes == pdf), (200, true), "a PDF stays as it is, over several pieces");
        let (_, picture) = maria.get_bytes(&at(&stored[0]));
        let read = image::load_from_memory(&picture).expect("a JPEG");
        assert_eq!(read.width(), 2000, "made smaller");
        let (_, taken) = maria.get_bytes(&at(&stored[1]));
        assert!(!taken.windows(3).any(|bytes| bytes == b"GPS") && taken.starts_with(&[0xFF, 0xD8]), "nobody learns where");
        let answer = maria.get(&at(&stored[3]));
        assert_eq!(answer.body, "niña: 38.2 °C");
        assert!(answer.header("content-disposition").starts_with("attachment; filename*=UTF-8''ma%C3%B1ana.txt"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("sandbox") && answer.header("cache-control").contains("no-store"));

        let staff = hale.get(&format!("/staff/messages/{}", thread.id)).body;
        assert!(staff.contains("Letter.pdf") && staff.contains("Not checked for viruses"), "{staff}");
        assert_eq!(hale.get_bytes(&format!("/files/staff-message/{}", stored[2].id)), (200, pdf));
        for stranger in ["carlos", "daniel", "torres", "priya", "ernesto", "ruth"] {
            let somebody = world.sign_in(stranger);
            assert_eq!(somebody.get(&at(&stored[0])).status, 404, "{stranger}");
            assert_eq!(somebody.get(&format!("/files/staff-message/{}", stored[0].id)).status, 404, "{stranger}");
        }
        assert_eq!(maria.get(&format!("/files/message/{}/{}", world.patient("Maria"), stored[0].id)).status, 404, "another chart");
        assert_eq!(maria.get(&format!("/files/staff-message/{}", stored[0].id)).status, 404);

        // Nothing of it can be read in the database, and no piece is good for another place.
        let pieces = world.wait(message_file_chunk::Entity::find().all(&world.state.connection)).expect("pieces");
        assert!(pieces.iter().all(|piece| !piece.sealed.windows(8).any(|bytes| bytes == b"%PDF-1.7" || bytes == [7; 8])));
        let text = pieces.iter().find(|piece| piece.file_id == stored[3].id).expect("a piece").sealed.clone();
        let swapped = message_file_chunk::ActiveModel {
            file_id: sea_orm::ActiveValue::Unchanged(stored[1].id),
            number: sea_orm::ActiveValue::Unchanged(0),
            sealed: sea_orm::ActiveValue::Set(text),
        };
        world.wait(message_file_chunk::Entity::update(swapped).exec(&world.state.connection)).expect("swapped");
        let piece = app::features::messages::files::piece(&world.state.connection, &world.state.issuer.secret, stored[1].id, 0);
        assert!(world.wait(piece).is_err(), "it does not open at another place");

        // The hospital's own system gets them.
        let mut out = Vec::new();
        let system = app::access::as_system(&world.state.db, "test");
        world.wait(server::outgoing::write(&system, Some(&world.state.issuer.secret), 0, &mut out)).expect_err("a piece that was swapped");
        assert!(messages > 0);
    });
}

#[test]
fn each_file_that_is_not_taken_says_why_and_the_rest_is_kept() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let mother = writing(world, &maria);
        let large = [b"%PDF-1.7 ".to_vec(), vec![1; 10 * 1024 * 1024]].concat();
        let before = newest(world).id;
        let with: [(&str, &[u8]); 6] = [
            ("good.txt", b"Temperature: 38"),
            ("again.TXT", b"Temperature: 38"),
            ("nothing.pdf", b""),
            ("large.pdf", &large),
            ("program.pdf", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00"),
            ("broken.png", &[&b"\x89PNG\r\n\x1a\n"[..], &[1; 50]].concat()),
        ];
        let refused = mother.send("messages/send", Uuid::now_v7(), "Look", &with);
        assert!(refused.body.contains("messages_why_files") && refused.status == 422, "{}", refused.body);
        assert_eq!(newest(world).id, before, "nothing was sent");
        let kept = mother.send("messages/keep-draft", Uuid::now_v7(), "Look", &[]);
        assert_eq!(kept.status, 200);
        let page = maria.get(&format!("/p/{}/messages/new", mother.patient)).body;
        for (name, why) in [
            ("again.TXT", "the same file is here already"),
            ("nothing.pdf", "the file is empty"),
            ("large.pdf", "larger than 10 MB"),
            ("program.pdf", "only pictures (JPEG"),
            ("broken.png", "only pictures (JPEG"),
        ] {
            let said = page.split(&format!("<b>{name}</b>")).nth(1).and_then(|rest| rest.split("</li>").next());
            assert!(said.is_some_and(|said| said.contains(why)), "{name}: {said:?}");
        }
        assert!(page.contains("Remove good.txt"), "{page}");
        let pieces = world.wait(message_file_chunk::Entity::find().count(&world.state.connection)).expect("a count");
        assert_eq!(pieces, 1, "of what is refused nothing stays");

        // Six are one too many, and a draft that is given up takes its files along.
        let more: Vec<Vec<u8>> = (0..6).map(|number| format!("Number {number}").into_bytes()).collect();
        let with: Vec<(&str, &[u8])> = more.iter().map(|bytes| ("n.txt", &bytes[..])).collect();
        assert!(mother.send("messages/send", Uuid::now_v7(), "Look", &with).body.contains("messages_why_files"));
        assert!(maria.get(&format!("/p/{}/messages/new", mother.patient)).body.contains("a message takes 5 files"));
        let good = files(world).into_iter().find(|file| file.name == "good.txt").expect("kept").id;
        let ernesto = world.sign_in("ernesto");
        let patient = mother.patient.to_string();
        ernesto.call("messages/keep-draft", &[("patient", &patient), ("body", "x"), ("remove", &good.to_string())]);
        assert!(files(world).iter().any(|file| file.id == good), "nobody else removes it");
        assert_eq!(
            maria.call("messages/keep-draft", &[("patient", &patient), ("body", "Look"), ("remove", &good.to_string())]).status,
            200
        );
        assert!(files(world).iter().all(|file| file.id != good));
        assert_eq!(maria.call("messages/discard-draft", &[("patient", &patient)]).status, 200);
        assert!(!maria.get(&format!("/p/{}/messages/new", mother.patient)).body.contains("Remove n.txt"));
        assert_eq!(mother.send("messages/send", Uuid::now_v7(), "Anew", &[]).status, 200);
        assert!(files(world).is_empty(), "what was given up does not go with another message");
    });
}

#[test]
fn a_message_has_the_files_that_its_form_showed_and_no_others() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let mother = writing(world, &maria);
        let of_newest = |world: &World| {
            let thread = newest(world).id;
            let here = files(world).into_iter().filter(|file| file.thread_id == thread && file.message_id.is_some());
            here.map(|file| file.name).collect::<Vec<_>>()
        };
        // What a refused form left is on its page, and goes along when it is sent from there alone.
        let nobody = Writing { to: "office:x".into(), who: &maria, patient: mother.patient };
        assert_eq!(nobody.send("messages/send", Uuid::now_v7(), "Look", &[("left.txt", b"Left over")]).status, 422);
        assert!(maria.get(&format!("/p/{}/messages/new", mother.patient)).body.contains("Remove left.txt"));
        let discard = [("patient", &*mother.patient.to_string()), ("thread", "")];
        assert_eq!(maria.call("messages/discard-draft", &discard).status, 200);
        assert!(files(world).is_empty(), "without words, files are given up too");
        assert_eq!(nobody.send("messages/send", Uuid::now_v7(), "Look", &[("left.txt", b"Left over")]).status, 422);
        assert_eq!(mother.send("messages/send", Uuid::now_v7(), "Another", &[]).status, 200);
        assert!(of_newest(world).is_empty() && files(world).is_empty());
        // A double click: one message with its files, and nothing is left.
        let key = Uuid::now_v7();
        let with: [(&str, &[u8]); 2] = [("one.txt", b"Number one"), ("two.txt", b"Number two")];
        let answers: Vec<u16> = thread::scope(|scope| {
            let sends: Vec<_> = (0..4).map(|_| scope.spawn(|| mother.send("messages/send", key, "Twice", &with).status)).collect();
            sends.into_iter().map(|send| send.join().expect("an answer")).collect()
        });
        assert_eq!(answers, [200; 4]);
        assert_eq!(of_newest(world), ["one.txt", "two.txt"]);
        assert_eq!(mother.send("messages/send", key, "Twice", &with).status, 200, "again");
        assert_eq!(mother.send("messages/send", Uuid::now_v7(), "After", &[]).status, 200);
        assert!(of_newest(world).is_empty());
        // The same key with other words is no success: the words are not there.
        assert!(mother.send("messages/send", key, "Other words", &[]).body.contains("why_already_done"));
        // Nothing is kept for a thread that is not there.
        let elsewhere = Uuid::now_v7().to_string();
        let patient = mother.patient.to_string();
        assert_eq!(maria.call("messages/keep-draft", &[("patient", &patient), ("thread", &elsewhere), ("body", "x")]).status, 404);
        let odd = mother.send("messages/send", Uuid::now_v7(), "Odd", &[("a\u{1b}b.txt", b"x")]);
        assert!(odd.body.contains("messages_why_broken"), "{}", odd.body);
    });
}

/// ClamAV's daemon as far as it is asked here: it finds a word, answers with an error, or breaks off.
fn clamd(answers: &Arc<AtomicU8>) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let answers = answers.clone();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut command = [0; 10];
            connection.read_exact(&mut command).expect("a command");
            assert_eq!(&command, b"zINSTREAM\0");
            let mut file = Vec::new();
            loop {
                let mut length = [0; 4];
                connection.read_exact(&mut length).expect("a length");
                let length = u32::from_be_bytes(length) as usize;
                if length == 0 {
                    break;
                }
                let from = file.len();
                file.resize(from + length, 0);
                connection.read_exact(&mut file[from..]).expect("a piece");
            }
            let infected = file.windows(9).any(|bytes| bytes == b"WORM-TEST");
            let answer: &[u8] = match answers.load(Ordering::SeqCst) {
                0 if infected => b"stream: Test.Worm FOUND\0",
                0 => b"stream: OK\0",
                1 => b"INSTREAM size limit exceeded. ERROR\0",
                _ => b"",
            };
            connection.write_all(answer).expect("answered");
        }
    });
    Address::Tcp(address)
}

#[test]
fn a_scanner_finds_what_is_infected_and_its_silence_is_neither_clean_nor_infected() {
    on_every_engine(|world| {
        let answers = Arc::new(AtomicU8::new(0));
        let address = clamd(&answers);
        let maria = world.sign_in("maria");
        let second = world.second_server_with(|state| state.scanner = Scanner(Some(address.clone())));
        let maria = maria.at(&second);
        let mother = writing(world, &maria);
        let refused =
            mother.send("messages/send", Uuid::now_v7(), "Two files", &[("good.txt", b"All well here"), ("bad.txt", b"This is WORM-TEST")]);
        assert!(refused.body.contains("messages_why_files"), "{}", refused.body);
        let page = maria.get(&format!("/p/{}/messages/new", mother.patient)).body;
        assert!(page.contains("a virus was found") && page.contains("Remove good.txt"), "{page}");
        assert_eq!(mother.send_shown("One file").status, 200);
        let thread = newest(world);
        let sent: Vec<_> = files(world);
        assert_eq!((sent.len(), sent[0].scanned, &*sent[0].name), (1, true, "good.txt"), "what was refused is gone");
        assert!(!world.sign_in("hale").get(&format!("/staff/messages/{}", thread.id)).body.contains("Not checked for viruses"));

        for silence in [1, 2] {
            answers.store(silence, Ordering::SeqCst);
            let waits = format!("Waits {silence}");
            let refused = mother.send("messages/send", Uuid::now_v7(), "Later", &[("later.txt", waits.as_bytes())]);
            assert!(refused.body.contains("messages_why_not_scanned"), "{}", refused.body);
            assert_eq!(newest(world).id, thread.id, "not sent");
            let page = maria.get(&format!("/p/{}/messages/new", mother.patient)).body;
            assert!(page.contains("Not checked for viruses yet"), "{page}");
            answers.store(0, Ordering::SeqCst);
        }
        // It is scanned when it is sent again, without being chosen again.
        assert_eq!(mother.send_shown("Now").status, 200);
        let thread = newest(world).id;
        let sent: Vec<_> = files(world).into_iter().filter(|file| file.thread_id == thread).collect();
        assert_eq!(sent.iter().map(|file| file.scanned).collect::<Vec<_>>(), [true, true]);
    });
}

#[test]
fn a_form_that_breaks_off_leaves_nothing_that_stays() {
    on_every_engine(|world| {
        use app::features::messages::{files::forget, model::FileState};
        let maria = world.sign_in("maria");
        let mother = writing(world, &maria);
        assert_eq!(mother.send("messages/keep-draft", Uuid::now_v7(), "x", &[("n.txt", b"Not yet")]).status, 200);
        let cut = message_file::ActiveModel { state: sea_orm::ActiveValue::Set(FileState::Arriving), ..Default::default() };
        world.wait(message_file::Entity::update_many().set(cut).exec(&world.state.connection)).expect("done");
        assert!(!maria.get(&format!("/p/{}/messages/new", mother.patient)).body.contains("n.txt"));
        let system = app::access::as_system(&world.state.db, "test");
        let tidy = |hours| world.wait(forget(&system, chrono::Utc::now() + chrono::TimeDelta::hours(hours))).expect("tidied");
        tidy(1);
        assert_eq!(files(world).len(), 1);
        tidy(7);
        assert!(files(world).is_empty());
        let pieces = world.wait(message_file_chunk::Entity::find().count(&world.state.connection)).expect("a count");
        assert_eq!(pieces, 0);
    });
}
