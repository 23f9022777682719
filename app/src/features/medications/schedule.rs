//! Controlled substances, by their names: no code system of prescriptions tells the schedule.
//! Source: DEA, Controlled Substances, list by alphabetical order; 21 CFR 1308.12 to 1308.15.

/// How strictly a substance is controlled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// No refills.
    Two,
    /// Refills within limits, decided by a clinician.
    ThreeToFive,
}

/// Parts of names, in English and Spanish without accents: "metilfenidato" and "methylphenidate" begin words.
const TWO: &[&str] = &[
    "amphetamine",
    "anfetamina",
    "adderall",
    "alfentanil",
    "cocaina",
    "cocaine",
    "codeine sulfate",
    "concerta",
    "daytrana",
    "demerol",
    "dexmethylphenidate",
    "dexmetilfenidato",
    "dextroamphetamine",
    "dextroanfetamina",
    "dilaudid",
    "fentanil",
    "fentanyl",
    "focalin",
    "hidrocodona",
    "hidromorfona",
    "hydrocodone",
    "hydromorphone",
    "levorfanol",
    "levorphanol",
    "lisdexamfetamina",
    "lisdexamfetamine",
    "meperidina",
    "meperidine",
    "metadona",
    "metanfetamina",
    "methadone",
    "methamphetamine",
    "methylphenidate",
    "metilfenidato",
    "morfina",
    "morphine",
    "norco",
    "nucynta",
    "opio",
    "opium",
    "oxicodona",
    "oximorfona",
    "oxycodone",
    "oxycontin",
    "oxymorphone",
    "percocet",
    "remifentanil",
    "ritalin",
    "secobarbital",
    "sufentanil",
    "tapentadol",
    "vicodin",
    "vyvanse",
];

const THREE_TO_FIVE: &[&str] = &[
    "alprazolam",
    "ambien",
    "armodafinil",
    "ativan",
    "belbuca",
    "brivaracetam",
    "buprenorfina",
    "buprenorphine",
    "butalbital",
    "butorfanol",
    "butorphanol",
    "carisoprodol",
    "cenobamate",
    "cenobamato",
    "chlordiazepoxide",
    "clobazam",
    "clonazepam",
    "clorazepate",
    "clorazepato",
    "clordiazepoxido",
    "codeina",
    "codeine",
    "daridorexant",
    "diazepam",
    "difenoxilato",
    "diphenoxylate",
    "dronabinol",
    "estazolam",
    "eszopiclona",
    "eszopiclone",
    "fenobarbital",
    "fentermina",
    "ketamina",
    "ketamine",
    "klonopin",
    "lacosamida",
    "lacosamide",
    "lasmiditan",
    "lemborexant",
    "lomotil",
    "lorazepam",
    "lunesta",
    "lyrica",
    "midazolam",
    "modafinil",
    "nandrolona",
    "nandrolone",
    "oxandrolona",
    "oxandrolone",
    "oxazepam",
    "pentazocina",
    "pentazocine",
    "perampanel",
    "phenobarbital",
    "phentermine",
    "pregabalin",
    "quazepam",
    "suboxone",
    "suvorexant",
    "temazepam",
    "testosterona",
    "testosterone",
    "tramadol",
    "triazolam",
    "ultram",
    "valium",
    "xanax",
    "zaleplon",
    "zolpidem",
];

/// The schedule of a medicine, by any substance in its name.
pub fn of(name: &str) -> Option<Schedule> {
    let folded = crate::people::folding::folded(name);
    let has = |list: &[&str]| {
        list.iter().any(|part| {
            folded.match_indices(part).any(|(at, _)| {
                let before = folded[..at].chars().next_back();
                before.is_none_or(|letter| !letter.is_alphanumeric())
            })
        })
    };
    if has(TWO) {
        Some(Schedule::Two)
    } else if has(THREE_TO_FIVE) {
        Some(Schedule::ThreeToFive)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controlled_substances_are_known_in_both_languages_and_in_combinations() {
        for (name, schedule) in [
            ("Methylphenidate ER 18 mg tablet", Some(Schedule::Two)),
            ("Metilfenidato 5 mg, tableta", Some(Schedule::Two)),
            ("Acetaminophen 325 MG / Oxycodone Hydrochloride 5 MG Oral Tablet", Some(Schedule::Two)),
            ("acetaminophen/codeine #3", Some(Schedule::ThreeToFive)),
            ("LORazepam 1 mg", Some(Schedule::ThreeToFive)),
            ("Losartan 50 mg tablet", None),
            ("Somatropin 5 mg", None),
            ("Lidocaine 5 % patch", None),
            ("Propiomazine", None),
        ] {
            assert_eq!(of(name), schedule, "{name}");
        }
    }
}
