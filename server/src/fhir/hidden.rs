//! Control characters in JSON texts. FHIR R4 forbids them (`string`), and PostgreSQL keeps no U+0000.

use std::borrow::Cow;

/// A JSON text without the escapes of control characters; line breaks and tabs stay.
pub fn without_controls(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u00") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at..];
        // The backslash and what it escapes stay together: `\\u0000` is a backslash and five letters.
        let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
        let code = escape.strip_prefix("\\u").and_then(|code| u32::from_str_radix(code.get(..4)?, 16).ok());
        let hidden = code.is_some_and(|code| code < 0x20 && !matches!(code, 0x9 | 0xa | 0xd) || (0x7f..0xa0).contains(&code));
        out.push_str(&rest[..at]);
        if !hidden {
            out.push_str(&escape[..length]);
        }
        rest = &escape[if hidden { 6 } else { length }..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::without_controls;

    #[test]
    fn escapes_of_controls_fall_away_and_nothing_else() {
        for (text, kept) in [
            (r#"{"a":"x\u0000y"}"#, r#"{"a":"xy"}"#),
            (r#""\u0007\u001B\u009f\u007F""#, r#""""#),
            (r#""\u0009\u000a\u000D\n\t""#, r#""\u0009\u000a\u000D\n\t""#),
            (r#""\\u0000 \\\u0000 \\\\u0000""#, r#""\\u0000 \\ \\\\u0000""#),
            (r#""\u00e9 \ud83d\udc4d ñ \"""#, r#""\u00e9 \ud83d\udc4d ñ \"""#),
            (r"\u00", r"\u00"),
            (r"\u00é", r"\u00é"),
            ("\\u0000\\", "\\"),
        ] {
            assert_eq!(without_controls(text), kept, "{text}");
        }
    }
}
