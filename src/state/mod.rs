//! What outlives the program: the models, on a disk.
//!
//! In reading order: [`kept`] turns a live value into a record and back, [`judge`] has the records of a judge.

pub mod judge;
pub mod kept;
