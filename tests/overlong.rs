//! Lines beyond `limits.line_bytes`.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use brewcast::config;
use brewcast::filter::Filter;
use brewcast::precision::Precision;

fn through(text: &str, line_bytes: usize) -> String {
    let mut options = config::load(None, &[]).options("test", Precision::Ns, false);
    options.limits.line_bytes = line_bytes;
    let mut filter = Filter::new(options);
    filter.room()[..text.len()].copy_from_slice(text.as_bytes());
    filter.fill(text.len());
    let mut out = Vec::new();
    while filter.advance(true, &mut out) {}
    String::from_utf8(out).unwrap()
}

/// For all limits behind the first `=` of a valid line's fields, wherever they cut it, then the
/// line leaves as it came, and so does the next.
#[test]
fn a_valid_line_leaves_as_it_came_wherever_the_limit_cuts_it() {
    for line in [
        r#"m,t=a s="x\"y,z\\ w\"" 16"#,
        r"m,t=a v=-1.5e-3,k\,l\=\ n=2i,b=true,s=3u -1600000000000000000",
        r#"m v=1i,s="a,b c=d",w=TRUE"#,
    ] {
        let text = format!("{line}\nm v=1\n");
        for limit in line.find(" v=").or(line.find(" s=")).unwrap() + 3..line.len() {
            assert_eq!(
                through(&text, limit),
                text,
                "cut behind {:?}",
                &line[..limit]
            );
        }
    }
}

#[test]
fn a_long_line_that_is_no_line_protocol_is_dropped_and_the_next_is_not() {
    for line in [
        "m v=1 v=2 v=3 v=4 v=5",
        "no fields here at all",
        "m,t= v=1,w=2,x=3,y=4",
    ] {
        let text = format!("{line}\nm v=1\n");
        assert_eq!(through(&text, 16), "m v=1\n", "{line}");
    }
}
