//! The parts of a record, one below the other.

use app::{
    record::note::model::{Format, paragraphs},
    view::{document::Part, qr::modules},
};

use super::{
    BODY, HEIGHT, INK, MARGIN, WIDTH,
    layout::{Drawn, Layout, Line, Style},
    tags::{Kind, Tagged},
};

impl Layout {
    pub fn heading(&mut self, level: u16, text: &str, size: f32, color: (u8, u8, u8)) {
        self.keep_together(size * 1.45 + 2.0 * BODY * 1.45);
        self.tree.push(Vec::new());
        self.flow(text, size, true, color, 0.0);
        let lines = self.tree.pop().unwrap_or_default();
        if let (Some(parent), false) = (self.tree.last_mut(), lines.is_empty()) {
            parent.push(Tagged::Heading(level, text.to_owned(), lines));
        }
    }

    pub fn paragraph(&mut self, text: &str) {
        self.grouped(Kind::Paragraph, |layout| layout.flow(text, BODY, false, INK, 0.0));
        self.space(2.0);
    }

    pub fn parts(&mut self, parts: &[Part], level: u16) {
        for part in parts {
            match part {
                Part::Text(text) | Part::Small(text) => self.paragraph(text),
                Part::Quote(text) => self.grouped(Kind::Quote, |layout| {
                    layout.grouped(Kind::Paragraph, |layout| layout.flow(text, BODY, false, INK, 12.0));
                }),
                Part::Heading(text) => {
                    self.space(8.0);
                    self.heading(level, text, 12.0, INK);
                }
                Part::Lines(lines) => self.list(lines),
                Part::Facts(facts) => {
                    let rows: Vec<Vec<String>> = facts.iter().map(|(label, value)| vec![label.clone(), value.clone()]).collect();
                    self.table(&[], &rows, &[0.3, 0.7], true);
                }
                Part::Table { head, rows, .. } => {
                    #[expect(clippy::cast_precision_loss, reason = "a table has a handful of columns")]
                    let share = vec![1.0 / head.len().max(1) as f32; head.len()];
                    self.table(head, rows, &share, false);
                }
                Part::Entry { title, tag, lines, parts } => {
                    self.space(7.0);
                    let title = tag.as_ref().map_or_else(|| title.clone(), |tag| format!("{title} ({})", tag.text));
                    self.heading(level.min(5), &title, 10.5, INK);
                    lines.iter().for_each(|line| self.paragraph(line));
                    self.parts(parts, level + 1);
                }
                Part::Code { text, alt } => self.code(text, alt),
                Part::Html(html) => paragraphs(Format::Html, html).iter().for_each(|words| self.paragraph(words)),
                Part::Aside(_) | Part::Buttons(_) | Part::Chart { .. } | Part::Legend(_) | Part::More { .. } => {}
            }
        }
    }

    /// A QR code, with the free margin around it that scanners ask for. Source: ISO/IEC 18004, section 9.1.
    fn code(&mut self, text: &str, alt: &str) {
        const MODULE: f32 = 3.2;
        const QUIET: f32 = 4.0 * MODULE;
        let Ok((width, modules)) = modules(text) else { return };
        #[expect(clippy::cast_precision_loss, reason = "a code has less than 200 modules a side")]
        let side = width as f32 * MODULE;
        self.keep_together(side + 2.0 * QUIET);
        let (leaf, y) = (self.leaves, self.y + QUIET);
        self.leaves += 1;
        if let Some(page) = self.pages.last_mut() {
            page.push(Drawn::Code { x: MARGIN + QUIET, y, module: MODULE, width, modules, leaf });
        }
        if let Some(parent) = self.tree.last_mut() {
            parent.push(Tagged::Figure(alt.to_owned(), leaf));
        }
        self.space(side + 2.0 * QUIET);
    }

    fn list(&mut self, lines: &[String]) {
        self.grouped(Kind::List, |layout| {
            for line in lines {
                layout.grouped(Kind::Item, |layout| {
                    layout.grouped(Kind::Body, |layout| layout.flow(&format!("– {line}"), BODY, false, INK, 8.0));
                });
            }
        });
        self.space(2.0);
    }

    /// `heads`: the first cell of each row is its head.
    fn table(&mut self, head: &[String], rows: &[Vec<String>], share: &[f32], heads: bool) {
        let full = WIDTH - 2.0 * MARGIN;
        self.space(3.0);
        self.grouped(Kind::Table, |layout| {
            if !head.is_empty() {
                layout.grouped(Kind::Head, |layout| layout.row(head, share, full, |_| Kind::ColumnHead));
            }
            layout.grouped(Kind::Rows, |layout| {
                for row in rows {
                    layout.row(row, share, full, |column| if heads && column == 0 { Kind::RowHead } else { Kind::Cell });
                }
            });
        });
        self.space(4.0);
    }

    fn row(&mut self, cells: &[String], share: &[f32], full: f32, kind: impl Fn(usize) -> Kind) {
        const SIZE: f32 = 9.0;
        let (step, gap) = (SIZE * 1.4, 6.0);
        let wrapped: Vec<(Kind, Vec<Line>)> = cells
            .iter()
            .zip(share)
            .enumerate()
            .map(|(column, (cell, share))| {
                let kind = kind(column);
                (kind, self.lines(cell, SIZE, !matches!(kind, Kind::Cell), full * share - gap))
            })
            .collect();
        let most = wrapped.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        // A row that is higher than a page goes on, line by line, on the next one.
        let mut done = 0;
        let mut cells: Vec<Vec<Tagged>> = wrapped.iter().map(|_| Vec::new()).collect();
        while done < most {
            let wanted = step * f32::from(u16::try_from(most - done).unwrap_or(u16::MAX));
            self.keep_together(wanted.min(step * 3.0) + 4.0);
            let mut fits = 0;
            while done + fits < most && self.y + step * f32::from(u16::try_from(fits + 1).unwrap_or(u16::MAX)) + 4.0 <= HEIGHT - MARGIN {
                fits += 1;
            }
            let fits = fits.max(1);
            let mut x = MARGIN;
            for (((kind, lines), share), cell) in wrapped.iter().zip(share).zip(&mut cells) {
                let mut y = self.y + 2.0;
                for line in lines.iter().skip(done).take(fits) {
                    self.tree.push(Vec::new());
                    let style = Style { size: SIZE, bold: !matches!(kind, Kind::Cell), color: INK };
                    self.line(x, y, full * share - gap, style, line);
                    cell.extend(self.tree.pop().unwrap_or_default());
                    y += step;
                }
                x += full * share;
            }
            self.space(step * f32::from(u16::try_from(fits).unwrap_or(u16::MAX)) + 4.0);
            done += fits;
        }
        if most > 0 {
            self.rule(MARGIN, WIDTH - MARGIN);
        }
        let cells: Vec<Tagged> = wrapped.iter().zip(cells).map(|((kind, _), lines)| Tagged::Group(*kind, lines)).collect();
        if let Some(parent) = self.tree.last_mut() {
            parent.push(Tagged::Group(Kind::Row, cells));
        }
    }
}
