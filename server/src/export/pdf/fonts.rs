//! The fonts of a PDF: one for what most records are written in, and one for each other script. Those of East Asia are large, and
//! are read from the system's fonts when a text needs them (`fonts-noto-cjk`).

use std::{fs, sync::LazyLock};

use krilla::text::Font;
use rustybuzz::ttf_parser;

/// Stands for a character that no font has.
pub const UNKNOWN: char = '□';

const REGULAR: &[u8] = include_bytes!("../../../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../fonts/NotoSans-Bold.ttf");

macro_rules! scripts {
    ($($name:literal)*) => { [$(include_bytes!(concat!("../../../fonts/", $name, ".ttf"))),*] };
}

/// The first one that has a character draws it. The last one has signs of many kinds.
const SCRIPTS: [&[u8]; 18] = scripts!(
    "NotoSansArabic-Regular" "NotoSansHebrew-Regular" "NotoSansBengali-Regular" "NotoSansGujarati-Regular"
    "NotoSansGurmukhi-Regular" "NotoSansTamil-Regular" "NotoSansTelugu-Regular" "NotoSansKannada-Regular" "NotoSansMalayalam-Regular"
    "NotoSansSinhala-Regular" "NotoSansThai-Regular" "NotoSansLao-Regular" "NotoSansKhmer-Regular" "NotoSansMyanmar-Regular"
    "NotoSansEthiopic-Regular" "NotoSansArmenian-Regular" "NotoSansGeorgian-Regular" "DejaVuSans"
);

/// Where systems keep the East Asian collection.
const EAST_ASIAN: [&str; 4] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
];

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
    Some(Fonts {
        text: [Face::new(REGULAR, 0)?, Face::new(BOLD, 0)?],
        scripts: SCRIPTS.iter().map(|data| Face::new(data, 0)).collect::<Option<_>>()?,
    })
});

/// Of the collection, the fonts with the shapes of Japan, of Korea, and of China.
static COLLECTION: LazyLock<Option<[Face; 3]>> = LazyLock::new(|| {
    let data: &'static [u8] = EAST_ASIAN.iter().find_map(|path| fs::read(path).ok())?.leak();
    Some([Face::new(data, 0)?, Face::new(data, 1)?, Face::new(data, 2)?])
});

pub struct Face {
    pub font: Font,
    pub shaper: rustybuzz::Face<'static>,
}

impl Face {
    fn new(data: &'static [u8], index: u32) -> Option<Self> {
        Some(Self { font: Font::new(data.into(), index)?, shaper: rustybuzz::Face::from_slice(data, index)? })
    }

    pub fn has(&self, letter: char) -> bool {
        self.shaper.glyph_index(letter).is_some_and(|glyph| glyph != ttf_parser::GlyphId(0))
    }

    /// Without regard to its neighbours; in units of the font's size.
    pub fn advance(&self, letter: char) -> f32 {
        let units = self.shaper.glyph_index(letter).and_then(|glyph| self.shaper.glyph_hor_advance(glyph)).unwrap_or_default();
        f32::from(units) / self.font.units_per_em()
    }
}

pub struct Fonts {
    /// Regular and bold.
    pub text: [Face; 2],
    scripts: Vec<Face>,
}

impl Fonts {
    /// # Errors
    /// A sentence for the log.
    pub fn get() -> Result<&'static Self, &'static str> {
        FONTS.as_ref().ok_or("the fonts cannot be read")
    }

    /// What draws a character; `None` when nothing does.
    pub fn face(&self, letter: char, bold: bool, region: Region) -> Option<&Face> {
        let text = &self.text[usize::from(bold)];
        if text.has(letter) {
            return Some(text);
        }
        let script = self.scripts.iter().find(|face| face.has(letter));
        script.or_else(|| COLLECTION.as_ref().map(|faces| &faces[region as usize]).filter(|face| face.has(letter)))
    }
}

/// Whose shapes of shared characters a text wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    Japan,
    Korea,
    China,
}

impl Region {
    /// Kana are Japanese, Hangul is Korean.
    pub fn of(text: &str) -> Self {
        let found = text.chars().find_map(|letter| match letter {
            '\u{3040}'..='\u{30ff}' => Some(Region::Japan),
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}' => Some(Region::Korea),
            _ => None,
        });
        found.unwrap_or(Region::China)
    }
}
