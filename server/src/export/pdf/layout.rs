//! What stands where: lines on pages, in their groups.

use unicode_bidi::Level;

use super::{
    HEIGHT, MARGIN, WIDTH,
    fonts::Fonts,
    tags::{Kind, Tagged},
    text,
};

/// Something that is drawn.
pub enum Drawn {
    Text {
        x: f32,
        y: f32,
        room: f32,
        style: Style,
        text: String,
        level: Level,
        leaf: usize,
    },
    Rule {
        from: f32,
        to: f32,
        y: f32,
    },
    /// A QR code: its dark modules, row by row.
    Code {
        x: f32,
        y: f32,
        module: f32,
        width: usize,
        modules: Vec<bool>,
        leaf: usize,
    },
}

/// How a line looks.
#[derive(Clone, Copy)]
pub struct Style {
    pub size: f32,
    pub bold: bool,
    pub color: (u8, u8, u8),
}

/// A line and the direction of its paragraph.
pub struct Line {
    pub text: String,
    pub level: Level,
}

pub struct Layout {
    pub fonts: &'static Fonts,
    pub pages: Vec<Vec<Drawn>>,
    /// The top of what comes next, from the top of the page.
    pub y: f32,
    pub leaves: usize,
    /// The groups that are open, the document first.
    pub tree: Vec<Vec<Tagged>>,
    /// No character had to be left out.
    pub all_drawn: bool,
}

impl Layout {
    pub fn new(fonts: &'static Fonts) -> Self {
        Self { fonts, pages: vec![Vec::new()], y: MARGIN, leaves: 0, tree: vec![Vec::new()], all_drawn: true }
    }

    pub fn grouped(&mut self, kind: Kind, inside: impl FnOnce(&mut Self)) {
        self.tree.push(Vec::new());
        inside(self);
        let children = self.tree.pop().unwrap_or_default();
        if let (Some(parent), false) = (self.tree.last_mut(), children.is_empty()) {
            parent.push(Tagged::Group(kind, children));
        }
    }

    pub fn space(&mut self, points: f32) {
        self.y += points;
    }

    /// A new page when there is less room than that.
    pub fn keep_together(&mut self, points: f32) {
        if self.y + points > HEIGHT - MARGIN {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    pub fn rule(&mut self, from: f32, to: f32) {
        let y = self.y + 1.0;
        if let Some(page) = self.pages.last_mut() {
            page.push(Drawn::Rule { from, to, y });
        }
        self.space(3.0);
    }

    pub fn width_of(&self, text: &str, size: f32, bold: bool) -> f32 {
        text::width(self.fonts, text, bold) * size
    }

    /// Lines no wider than that; a word that is wider alone is cut.
    pub fn lines(&mut self, words: &str, size: f32, bold: bool, width: f32) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for piece in words.lines() {
            let (clean, all) = text::drawable(self.fonts, piece, bold);
            self.all_drawn &= all;
            let level = text::level(&clean);
            let space = self.width_of(" ", size, bold);
            let (mut line, mut reached) = (String::new(), 0.0);
            let mut end = |line: &mut String| {
                if !line.is_empty() {
                    lines.push(Line { text: std::mem::take(line), level });
                }
            };
            for word in clean.split(' ').filter(|word| !word.is_empty()) {
                let wide = self.width_of(word, size, bold);
                if !line.is_empty() && reached + space + wide <= width {
                    line = format!("{line} {word}");
                    reached += space + wide;
                    continue;
                }
                end(&mut line);
                reached = 0.0;
                if wide <= width {
                    line.push_str(word);
                    reached = wide;
                    continue;
                }
                for letter in text::graphemes(word) {
                    let wide = self.width_of(letter, size, bold);
                    if reached + wide > width {
                        end(&mut line);
                        reached = 0.0;
                    }
                    line.push_str(letter);
                    reached += wide;
                }
            }
            end(&mut line);
        }
        lines
    }

    /// A line in a column that is `room` wide: at its left, and what is written from the right, at its right.
    pub fn line(&mut self, x: f32, y: f32, room: f32, style: Style, line: &Line) {
        let leaf = self.leaves;
        self.leaves += 1;
        // A space at the end of each line keeps words apart for whoever copies or listens.
        let text = format!("{} ", line.text);
        if let Some(page) = self.pages.last_mut() {
            page.push(Drawn::Text { x, y: y + style.size, room, style, text, level: line.level, leaf });
        }
        if let Some(parent) = self.tree.last_mut() {
            parent.push(Tagged::Line(leaf));
        }
    }

    pub fn flow(&mut self, text: &str, size: f32, bold: bool, color: (u8, u8, u8), indent: f32) {
        let room = WIDTH - 2.0 * MARGIN - indent;
        for line in self.lines(text, size, bold, room) {
            self.keep_together(size * 1.45);
            self.line(MARGIN + indent, self.y, room, Style { size, bold, color }, &line);
            self.space(size * 1.45);
        }
    }
}
