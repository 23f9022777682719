//! How far a check-in is, in lists of visits.

use super::model::Progress;
use crate::base::i18n::{Texts, param};

/// Whether everything is said, and what stands on the way to it.
pub fn in_words(t: Texts, progress: Progress) -> (bool, String) {
    match progress {
        Progress::Open => (false, t.check_in_task().to_owned()),
        Progress::Begun(done, all) => (false, t.check_in_go_on_with(param::All(&all.to_string()), param::Done(&done.to_string()))),
        Progress::Done => (true, t.check_in_tag_done().to_owned()),
    }
}
