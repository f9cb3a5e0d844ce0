//! A settings file, and places in it as people look them up.

/// Its name and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// `name:line:column` of a byte offset, from 1.
    pub(super) fn place(&self, offset: usize) -> String {
        let column = self.before(offset).chars().rev();
        let column = column.take_while(|&c| c != '\n').count() + 1;
        format!("{}:{}:{column}", self.name, self.line(offset))
    }

    /// The line of a byte offset, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.before(offset).matches('\n').count() + 1
    }

    fn before(&self, offset: usize) -> &str {
        self.text.get(..offset).unwrap_or(self.text)
    }
}
