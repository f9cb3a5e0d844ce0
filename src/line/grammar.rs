//! InfluxData's own parser as the judge of what may be written.
//!
//! The `influxdb_line_protocol` crate is the parser that InfluxDB 3 grew from and the strictest of
//! the databases'. It is asked when a series, a measurement or a field key is new, never per point: a name it refuses (invalid
//! UTF-8, a NUL, a tag value that ends in a backslash) must not appear in a line of ours, because
//! one refused line can fail a whole batch. It is also the oracle of the tests and fuzz targets.
//!
//! The crate takes `&str` only, knows no CRLF and no tab, and joins lines at an open quote; that is
//! why it judges single lines behind our own framing and does not do the framing.

/// Whether InfluxData's parser takes `line` (one line, no line end) as exactly one point.
#[must_use]
pub fn accepts(line: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(line) else {
        return false;
    };
    let mut points = influxdb_line_protocol::parse_lines(text);
    matches!((points.next(), points.next()), (Some(Ok(_)), None))
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn names_that_a_database_refuses_are_known() {
        assert!(accepts(br"we\ ird,t=a\,b f=1"));
        assert!(accepts("m,t=Gärtank f=1".as_bytes()));
        assert!(!accepts(b"m,t=\xff f=1"));
        assert!(!accepts(b"m\0,t=a f=1"));
        assert!(!accepts(br"m,t=C:\\ x f=1"));
        assert!(!accepts(b"m f=1\nm f=2"));
    }
}
