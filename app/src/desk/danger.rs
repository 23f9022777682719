//! Words of danger: a message with one of them is held up once, with the numbers that help at once.
//!
//! Source of the signs: American Heart Association (heart attack, stroke "F.A.S.T."), 988 Suicide & Crisis Lifeline, Poison Control.

use crate::people::folding::folded;

/// Who helps at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Help {
    /// 911.
    Emergency,
    /// 988.
    Crisis,
    /// 1-800-222-1222.
    Poison,
}

/// Whole words, folded: letters without marks, small. In both languages: people write in theirs on pages of the other.
const SIGNS: [(Help, &[&str]); 3] = [
    (
        Help::Emergency,
        &[
            "chest pain",
            "chest pains",
            "pain in my chest",
            "chest pressure",
            "heart attack",
            "cannot breathe",
            "cannot breath",
            "cant breath",
            "can not breath",
            "cant breathe",
            "can not breathe",
            "trouble breathing",
            "shortness of breath",
            "short of breath",
            "stopped breathing",
            "not breathing",
            "turning blue",
            "stroke",
            "face drooping",
            "face is drooping",
            "slurred speech",
            "cannot speak",
            "cant move my arm",
            "unconscious",
            "passed out",
            "will not wake up",
            "wont wake up",
            "seizure",
            "throat is closing",
            "throat is swelling",
            "anaphylaxis",
            "bleeding will not stop",
            "bleeding wont stop",
            "coughing up blood",
            "vomiting blood",
            "dolor de pecho",
            "dolor en el pecho",
            "presion en el pecho",
            "me duele el pecho",
            "ataque al corazon",
            "infarto",
            "no puedo respirar",
            "no puede respirar",
            "falta de aire",
            "dificultad para respirar",
            "no respira",
            "derrame cerebral",
            "embolia",
            "cara caida",
            "no puede hablar",
            "inconsciente",
            "se desmayo",
            "me desmaye",
            "no despierta",
            "convulsion",
            "convulsiones",
            "se me cierra la garganta",
            "no para de sangrar",
            "vomita sangre",
            "vomito sangre",
        ],
    ),
    (
        Help::Crisis,
        &[
            "suicide",
            "suicidal",
            "kill myself",
            "kill my self",
            "kill himself",
            "kill herself",
            "kill themselves",
            "killing myself",
            "killing himself",
            "killing herself",
            "do not want to live",
            "dont want to live",
            "do not want to be alive",
            "dont want to be alive",
            "prefer not to live",
            "prefer not to be alive",
            "no reason to live",
            "end my life",
            "ending my life",
            "end it all",
            "take my life",
            "take my own life",
            "taking my life",
            "taking my own life",
            "want to die",
            "wants to die",
            "wanted to die",
            "want to be dead",
            "wish i was dead",
            "wish i were dead",
            "wished i was dead",
            "better off dead",
            "hurt myself",
            "hurting myself",
            "harm myself",
            "harming myself",
            "cutting myself",
            "self harm",
            "going to overdose",
            "want to overdose",
            "suicidio",
            "suicida",
            "suicidas",
            "suicidarme",
            "suicidar",
            "suicidarse",
            "no quiero vivir",
            "no quiero seguir viviendo",
            "prefiero no vivir",
            "matarme",
            "me quiero matar",
            "me voy a matar",
            "quitarme la vida",
            "acabar con mi vida",
            "terminar con mi vida",
            "quiero morir",
            "quiere morir",
            "quiero morirme",
            "quisiera morir",
            "quisiera morirme",
            "estar muerto",
            "estar muerta",
            "estaria mejor muerto",
            "estaria mejor muerta",
            "hacerme dano",
            "lastimarme",
            "cortarme las venas",
            "cortarme la piel",
        ],
    ),
    (
        Help::Poison,
        &[
            "overdose",
            "overdosed",
            "poisoned",
            "swallowed bleach",
            "took too many pills",
            "took too much",
            "drank bleach",
            "sobredosis",
            "envenenado",
            "envenenada",
            "intoxicado",
            "intoxicada",
            "tomo demasiadas pastillas",
            "tome demasiadas pastillas",
            "trago lejia",
        ],
    ),
];

/// Before a sign, within so many words, these say that it is not there.
const NEGATIONS: [&str; 14] =
    ["no", "not", "never", "without", "denies", "deny", "havent", "hasnt", "dont", "doesnt", "didnt", "sin", "nunca", "niego"];
const REACH: usize = 3;
const ENDS: [char; 10] = ['.', '!', '?', ';', ',', ':', '–', '—', '(', ')'];

/// The help that a text calls for, each once; nothing where each sign is said not to be there.
pub fn found(text: &str) -> Vec<Help> {
    let text = text.replace(['\'', '’', '´', '`', '\u{200b}', '\u{200c}', '\u{200d}', '\u{feff}', '\u{ad}'], "");
    let words_of = |sentence: &str| {
        let words = folded(sentence);
        words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    // A negation ends with its part of a sentence. What stands in the middle of a word ends none.
    let sentences = text.split(ENDS).map(words_of);
    let typed_badly = text.split_whitespace().filter(|word| word.trim_end_matches(ENDS).contains(ENDS)).count() > 0;
    let whole = typed_badly.then(|| words_of(&text));
    let mut helps: Vec<Help> = Vec::new();
    for words in sentences.chain(whole) {
        for (help, signs) in SIGNS {
            if !helps.contains(&help) && signs.iter().any(|sign| is_said(&words, sign)) {
                helps.push(help);
            }
        }
    }
    helps.sort();
    helps
}

fn is_said(words: &[String], sign: &str) -> bool {
    let sign: Vec<&str> = sign.split(' ').collect();
    words.windows(sign.len()).enumerate().any(|(place, window)| {
        let before = &words[place.saturating_sub(REACH)..place];
        window.iter().zip(&sign).all(|(word, wanted)| word == wanted) && !before.iter().any(|word| NEGATIONS.contains(&word.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_danger_are_found_in_both_languages() {
        for text in
            ["I have CHEST PAIN since noon", "He can’t breathe!", "No puedo respirar bien", "Me duele el pecho.", "Was it a stroke?"]
        {
            assert_eq!(found(text), [Help::Emergency], "{text}");
        }
        let more = [
            "thoughts of killing myself",
            "I am thinking of ending my life",
            "I would be better off dead",
            "I wish I was dead",
            "taking my own life",
            "I keep hurting myself",
            "I am going to overdose on my pills",
            "me quiero matar",
            "pensamientos suicidas",
            "quisiera estar muerta",
            "I want to.die",
        ];
        for text in more {
            assert_eq!(found(text).first(), Some(&Help::Crisis), "{text}");
        }
        for text in ["I want to die", "Me quiero suicidar", "no quiero vivir", "He wants to kill himself", "I don’t want to live"] {
            assert_eq!(found(text), [Help::Crisis], "{text}");
        }
        for text in ["no, chest pain", "I'm not joking: chest pain", "chest\npain", "chest\u{200b} pain", "can´t breathe"] {
            assert_eq!(found(text), [Help::Emergency], "{text:?}");
        }
        assert_eq!(found("Tomó demasiadas pastillas"), [Help::Poison]);
        assert_eq!(found("Overdose. And she is not breathing"), [Help::Emergency, Help::Poison]);
    }

    #[test]
    fn whole_words_alone_and_not_what_is_denied() {
        for text in [
            "",
            "The cat stroked past",
            "I have no chest pain",
            "She never had a seizure",
            "Tos sin dolor de pecho",
            "chest x-ray, pain in the knee",
            "backstroke lessons",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        assert_eq!(found("No fever. Chest pain since noon"), [Help::Emergency], "another sentence");
        assert_eq!(found("I do not know why but today I feel chest pain"), [Help::Emergency], "too far away");
    }
}
