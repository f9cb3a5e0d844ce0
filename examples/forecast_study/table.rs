//! A table of text with aligned columns: the first and those without a heading to the left, the others to the
//! right.

use std::fmt::{self, Display};

/// Rows of cells under a row of headings.
pub(crate) struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// No headings: no first row.
    pub(crate) fn new(title: impl Into<String>, headings: &[&str]) -> Self {
        let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
        Self {
            title: title.into(),
            rows: Vec::from_iter((!headings.is_empty()).then_some(headings)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if column == 0 || self.rows[0].get(column).is_some_and(String::is_empty) {
                    line += &format!("  {cell:<width$}");
                } else {
                    line += &format!("  {cell:>width$}");
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A number with this many digits after the point, "-" where there is none.
pub(crate) fn number(value: f64, digits: usize) -> String {
    if value.is_nan() {
        "-".to_owned()
    } else {
        format!("{value:.digits$}")
    }
}

/// The mean of a figure over several runs, and where they differ, its range.
pub(crate) fn spread(values: &[f64], digits: usize) -> String {
    let mean = number(mean(values), digits);
    let least = number(values.iter().copied().fold(f64::INFINITY, f64::min), digits);
    let most = number(
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        digits,
    );
    if least == most || values.iter().any(|value| value.is_nan()) {
        mean
    } else {
        format!("{mean} ({least}..{most})")
    }
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
