//! The study of the judge: what it prints is whole, the same every time, and of the judge.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../examples/detection_study/calibration.rs"]
mod calibration;
#[path = "../examples/detection_study/kinds.rs"]
mod kinds;
#[allow(dead_code, reason = "the studies ask for more of it")]
#[path = "../examples/forecast_study/noise.rs"]
mod noise;
#[allow(dead_code, reason = "the study asks for more of it")]
#[path = "../examples/detection_study/run.rs"]
mod run;
#[path = "../examples/detection_study/sources.rs"]
mod sources;
#[allow(dead_code, reason = "the other study asks for more of it")]
#[path = "../examples/forecast_study/table.rs"]
mod table;

fn printed(tables: &[table::Table]) -> String {
    tables.iter().map(ToString::to_string).collect()
}

#[test]
fn the_table_of_budgets_has_a_row_for_each_source_and_is_the_same_every_time() {
    let print = || printed(&calibration::tables(3_000, 2, 7));
    let text = print();
    assert_eq!(text, print());
    for source in sources::CALIBRATION {
        let row = text
            .lines()
            .find(|line| line.trim_start().starts_with(source.name));
        assert_eq!(row.unwrap().matches("..").count(), 5, "{text}");
    }
}

#[test]
fn spikes_of_twelve_spreads_are_found_and_named() {
    let text = printed(&kinds::tables(2, 7));
    let row = text.lines().find(|line| line.contains("spike  ")).unwrap();
    assert!(row.trim_end().ends_with("2 (100 %)"), "{text}");
}
