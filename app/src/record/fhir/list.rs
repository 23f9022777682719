//! Members that repeat.

use serde_json::Value;

/// Its items; what is no list has none.
pub fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
