//! Pages in Spanish tell the terms of standard lists in Spanish.

use crate::world::{Somebody, World, on_every_engine};

fn reads_in<'w>(world: &'w World, username: &str, language: &str) -> Somebody<'w> {
    let somebody = world.sign_in(username);
    assert_eq!(somebody.submit("/api/account/choose-language", &[("language", language), ("back", "/account")]).status, 303);
    somebody
}

#[test]
fn standard_terms_are_told_in_spanish_and_in_english_as_they_were_sent() {
    on_every_engine(|world| {
        let (english, patient) = (reads_in(world, "ernesto", "en"), world.patient("Ernesto"));
        let visit = crate::every_server_fn::a_visit(world, "Ernesto");
        let pages = [
            (format!("/p/{patient}/personal-information"), vec![("Widowed", "Viudo/a"), ("Daughter", "Hija")]),
            (format!("/p/{patient}/health/emergency"), vec![("(Daughter)", "(Hija)")]),
            (format!("/p/{patient}/health/vitals"), vec![("Heart rate", "Frecuencia cardíaca"), ("beats/minute", "latidos/minuto")]),
            (format!("/p/{patient}/visits/{visit}/notes"), vec![("Progress note", "Nota de evolución")]),
            (format!("/p/{patient}/visits/{visit}/summary"), vec![("Blood pressure", "Presión arterial")]),
        ];
        let sent: Vec<String> = pages.iter().map(|(page, _)| english.get(page).body).collect();
        let spanish = reads_in(world, "ernesto", "es");
        for ((page, terms), sent) in pages.iter().zip(&sent) {
            let told = spanish.get(page).body;
            for (original, translated) in terms {
                assert!(sent.contains(original), "{page}: {original}");
                assert!(told.contains(translated) && !told.contains(original), "{page}: {translated}");
            }
        }
    });
}
