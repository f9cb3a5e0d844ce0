//! The state file when the first line has come: its lock, and what is in it.
//!
//! Whatever is wrong with it, the filter runs: without its past, and where it cannot be told what is in the file,
//! without overwriting it.

use std::time::Duration;

use brewcast::config::Settings;
use brewcast::filter::Filter;
use brewcast::filter::keeper::Keeper;
use brewcast::report::Severity;
use brewcast::state::store::{Refused, Store};

/// What saves the state, once what was saved has been loaded; `None` when nothing is to be saved. `now` is the time
/// since 1970.
pub(crate) fn keeper(settings: &Settings, filter: &mut Filter, now: Duration) -> Option<Keeper> {
    let (path, every) = settings.state()?;
    let shown = path.display();
    let store = match Store::open(path) {
        Ok(store) => store,
        Err(Refused::Locked) => {
            let text = format!("state {shown}: another brewcast has it: nothing is kept here");
            filter.log().say(Severity::Warning, &text);
            return None;
        }
        Err(Refused::Broken(error)) => {
            let text = format!("state {shown}: {error}: nothing is kept");
            filter.log().say(Severity::Error, &text);
            return None;
        }
    };
    Keeper::load(store, every, now, filter)
}
