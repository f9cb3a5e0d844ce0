//! What outlives the program: the models, on a disk.
//!
//! In reading order: [`kept`] turns a live value into a record and back; [`series`], [`judge`], [`model`], [`mix`]
//! and [`ets`] have the records.

pub mod ets;
pub mod judge;
pub mod kept;
pub mod mix;
pub mod model;
pub mod series;
