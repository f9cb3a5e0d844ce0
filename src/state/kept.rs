//! From a live value to a plain one that can be written, and back.
//!
//! A record is a type of its own, named after what it is a record of and the version of its shape, `ScaleV1`
//! for `Scale`: the live type may change, the record may not. When it has to, there is a `ScaleV2`, and a
//! `From<ScaleV1>` for it; what was written before stays readable for ever.
//!
//! A live value is written without its record being made, as the same bytes ([`Live`]): a hundred thousand series are
//! saved while somebody waits. Numbers are kept as they are, bit for bit. What comes back is checked: a record whose parts do not fit
//! together is no value.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

/// A live value that can be kept.
pub trait Kept: Sized {
    /// What is written of it.
    type Record: Serialize + DeserializeOwned;

    /// What is to be written.
    fn keep(&self) -> Self::Record;

    /// The value that was kept; `None` when its parts do not fit together.
    fn restore(record: Self::Record) -> Option<Self>;

    /// Writes what its record would.
    ///
    /// # Errors
    /// Those of `to`.
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.keep().serialize(to)
    }
}

/// A live value that is written as its record would be.
#[derive(Debug)]
pub struct Live<'a, T>(pub &'a T);

impl<T: Kept> Serialize for Live<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.write(to)
    }
}

macro_rules! kept_as_it_is {
    ($($number:ty)*) => {
        $(impl Kept for $number {
            type Record = $number;

            fn keep(&self) -> $number {
                *self
            }

            fn restore(record: $number) -> Option<Self> {
                Some(record)
            }
        })*
    };
}

kept_as_it_is!(bool u8 u16 u32 u64 i16 i64 f32 f64);

impl Kept for usize {
    type Record = u64;

    fn keep(&self) -> u64 {
        *self as u64
    }

    fn restore(record: u64) -> Option<Self> {
        record.try_into().ok()
    }
}

impl<T: Kept> Kept for Option<T> {
    type Record = Option<T::Record>;

    fn keep(&self) -> Self::Record {
        self.as_ref().map(T::keep)
    }

    fn restore(record: Self::Record) -> Option<Self> {
        record.map_or(Some(None), |one| T::restore(one).map(Some))
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(one) => to.serialize_some(&Live(one)),
            None => to.serialize_none(),
        }
    }
}

impl<T: Kept> Kept for Box<T> {
    type Record = T::Record;

    fn keep(&self) -> Self::Record {
        T::keep(self)
    }

    fn restore(record: Self::Record) -> Option<Self> {
        T::restore(record).map(Box::new)
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        T::write(self, to)
    }
}

impl<T: Kept> Kept for Vec<T> {
    type Record = Vec<T::Record>;

    fn keep(&self) -> Self::Record {
        self.iter().map(T::keep).collect()
    }

    fn restore(record: Self::Record) -> Option<Self> {
        record.into_iter().map(T::restore).collect()
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(Live))
    }
}

impl<T: Kept> Kept for Box<[T]> {
    type Record = Vec<T::Record>;

    fn keep(&self) -> Self::Record {
        self.iter().map(T::keep).collect()
    }

    fn restore(record: Self::Record) -> Option<Self> {
        record.into_iter().map(T::restore).collect()
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(Live))
    }
}

impl<T: Kept, const N: usize> Kept for [T; N] {
    type Record = Vec<T::Record>;

    fn keep(&self) -> Self::Record {
        self.iter().map(T::keep).collect()
    }

    fn restore(record: Self::Record) -> Option<Self> {
        let all: Vec<T> = Vec::restore(record)?;
        all.try_into().ok()
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(Live))
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    type Record = (A::Record, B::Record);

    fn keep(&self) -> Self::Record {
        (self.0.keep(), self.1.keep())
    }

    fn restore((a, b): Self::Record) -> Option<Self> {
        Some((A::restore(a)?, B::restore(b)?))
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (Live(&self.0), Live(&self.1)).serialize(to)
    }
}

/// A record with the fields of a live type, which may be checked when they come back. A field that is always empty
/// when its value is kept is not in the record.
macro_rules! kept {
    (
        $record:ident of $live:ty { $($field:ident: $kind:ty),+ $(,)? }
        $(but $empty:ident)? $(where $check:expr)?
    ) => {
        #[doc = concat!("What is kept of a [`", stringify!($live), "`].")]
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[allow(missing_docs, reason = "they are those of the live type")]
        pub struct $record {
            $(pub $field: $kind),+
        }

        impl $crate::state::kept::Kept for $live {
            type Record = $record;

            fn keep(&self) -> $record {
                $(debug_assert!(self.$empty.is_empty());)?
                $record {
                    $($field: $crate::state::kept::Kept::keep(&self.$field)),+
                }
            }

            fn restore(record: $record) -> Option<Self> {
                let live = Self {
                    $($field: $crate::state::kept::Kept::restore(record.$field)?,)+
                    $($empty: Default::default(),)?
                };
                $(
                    let is_sound: fn(&Self) -> bool = $check;
                    if !is_sound(&live) {
                        return None;
                    }
                )?
                Some(live)
            }

            fn write<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct;
                $(debug_assert!(self.$empty.is_empty());)?
                const FIELDS: &[&str] = &[$(stringify!($field)),+];
                let mut to = to.serialize_struct(stringify!($record), FIELDS.len())?;
                $(to.serialize_field(stringify!($field), &$crate::state::kept::Live(&self.$field))?;)+
                to.end()
            }
        }
    };
}

/// The same for one of several values without fields: its number here is its number for ever.
macro_rules! kept_choice {
    ($live:ty { $($number:literal = $value:ident),+ $(,)? }) => {
        impl $crate::state::kept::Kept for $live {
            type Record = u8;

            fn keep(&self) -> u8 {
                match self {
                    $(Self::$value => $number),+
                }
            }

            fn restore(record: u8) -> Option<Self> {
                match record {
                    $($number => Some(Self::$value),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {kept, kept_choice};
