//! Readers of FHIR R4's data types, one file each: what a value of the type says, in words and as the tables keep it.

pub mod address;
pub mod annotation;
pub mod attachment;
pub mod codeable_concept;
pub mod contact_point;
pub mod date;
pub mod human_name;
pub mod labels;
pub mod list;
pub mod modifier;
pub mod narrative;
pub mod none_known;
pub mod period;
pub mod quantity;
pub mod range;
pub mod ratio;
pub mod reference;
pub mod timing;
pub mod value;

pub use address::address;
pub use annotation::notes;
pub use codeable_concept::{code, codings, concept, concepts, has_code, named, plain};
pub use contact_point::telecom;
pub use date::{date, day, instant, partial, when};
pub use human_name::{all_words, clinician, name, person};
pub use list::items;
pub use period::{changes_after, covers, last_day, today};
pub use quantity::{digits, dose, number, quantity, unit};
pub use range::range;
pub use ratio::ratio;
pub use reference::points_at;
pub use value::value_in_words;
