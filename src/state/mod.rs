//! What outlives the program: the models, on a disk.
//!
//! In reading order: [`kept`] turns a live value into a record and back; [`series`], [`judge`], [`model`], [`mix`]
//! and [`ets`] have the records, [`part`] puts them together; [`mod@file`] has the bytes, and [`store`] the file, its
//! lock and the thread that writes it.
//!
//! What holds: a file is replaced as a whole or not at all; what of it cannot be read is begun anew, and said; no
//! point waits for the disk.

pub mod ets;
pub mod file;
pub mod judge;
pub mod kept;
pub mod mix;
pub mod model;
pub mod part;
pub mod series;
pub mod store;
