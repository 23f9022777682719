//! Why something about a visit by video is refused.

use crate::base::why::Why;

/// It is over, called off, or not held here.
pub const NOT_OPEN: Why = Why::of("video_why_not_open");
/// As many guests as may come are invited.
pub const TOO_MANY_GUESTS: Why = Why::of("video_why_too_many_guests");
