//! The ways that lead to a group: measurement and tags as lines have them.
//!
//! Agents send their series in the same order every time. So the group that followed the last one before is
//! looked at first, which costs one comparison; only when it is another one, the table is asked.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::prefetch;

/// Right guesses in a row behind which what comes is told: streams that are mixed at random have no such row.
const ROW: u8 = 6;
/// Bytes of a spelling that are asked for early: with more than that the processor has seen where it goes on.
const SPELLING: usize = 256;

/// Spellings and the groups they lead to.
#[derive(Debug, Default)]
pub(super) struct Spellings {
    groups: HashMap<Arc<[u8]>, usize, foldhash::fast::RandomState>,
    places: Vec<Place>, // of groups
    last: usize,        // group that was found last
    row: u8,            // guesses that were right since the last one that was not, saturating
}

/// What is known of a group.
#[derive(Clone, Debug, Default)]
struct Place {
    spelling: Option<Arc<[u8]>>, // the one it was last looked up or added by
    follower: usize,             // a guess at the group that comes next, which may be gone
}

impl Spellings {
    /// The group that these bytes lead to, if they were met before.
    #[inline]
    pub(super) fn find(&mut self, spelling: &[u8]) -> Option<usize> {
        let guess = self.places.get(self.last).map_or(0, |place| place.follower);
        let is_it = |known: &Arc<[u8]>| **known == *spelling;
        let known = self
            .places
            .get(guess)
            .and_then(|place| place.spelling.as_ref());
        if known.is_some_and(is_it) {
            (self.last, self.row) = (guess, self.row.saturating_add(1));
            return Some(guess);
        }
        self.look_up(spelling)
    }

    /// Groups that come next, the next one first, if all goes on as before; they may be gone. None while one of the
    /// last [`ROW`] was a surprise.
    #[inline]
    pub(super) fn coming<const N: usize>(&self) -> Option<[usize; N]> {
        let mut at = self.last;
        (self.row >= ROW).then(|| {
            std::array::from_fn(|_| {
                at = self.places.get(at).map_or(0, |place| place.follower);
                at
            })
        })
    }

    /// Asks for what is known here of `group`, and for the spelling of `nearer`, for which that was asked before.
    #[inline]
    pub(super) fn prefetch(&self, group: usize, nearer: usize) {
        self.places
            .get(group)
            .into_iter()
            .for_each(prefetch::all_of);
        if let Some(Place {
            spelling: Some(spelling),
            ..
        }) = self.places.get(nearer)
        {
            prefetch::part_of(&**spelling, 0, SPELLING);
        }
    }

    fn look_up(&mut self, spelling: &[u8]) -> Option<usize> {
        self.row = 0;
        let (known, &group) = self.groups.get_key_value(spelling)?;
        let known = Arc::clone(known);
        self.follow(known, group);
        Some(group)
    }

    /// Has a spelling that was just met lead to a group.
    pub(super) fn add(&mut self, spelling: Arc<[u8]>, group: usize) {
        self.groups.insert(Arc::clone(&spelling), group);
        self.follow(spelling, group);
    }

    /// Notes which group came behind the last.
    fn follow(&mut self, spelling: Arc<[u8]>, group: usize) {
        if self.places.len() <= group {
            self.places.resize(group + 1, Place::default());
        }
        self.places[group].spelling = Some(spelling);
        if self.last != group
            && let Some(last) = self.places.get_mut(self.last)
        {
            last.follower = group;
        }
        self.last = group;
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Forgets those that lead to a group which is gone, and tells which they were.
    pub(super) fn forget(
        &mut self,
        is_gone: impl Fn(usize) -> bool,
        mut farewell: impl FnMut(&[u8]),
    ) {
        self.groups.retain(|spelling, group| {
            if is_gone(*group) {
                farewell(spelling);
            }
            !is_gone(*group)
        });
        for (group, place) in self.places.iter_mut().enumerate() {
            if is_gone(group) {
                place.spelling = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_own_bytes_whatever_came_before() {
        let mut spellings = Spellings::default();
        for (group, name) in ["a", "b", "c"].into_iter().enumerate() {
            spellings.add(name.as_bytes().into(), group);
        }
        spellings.add((*b"b2").into(), 1);
        // Each behind each other one, so that the guess is wrong as often as right.
        let ways = [
            ("a", Some(0)),
            ("b", Some(1)),
            ("b2", Some(1)),
            ("c", Some(2)),
            ("d", None),
        ];
        for _ in 0..2 {
            for (one, group) in ways {
                for (other, next) in ways {
                    assert_eq!(
                        spellings.find(one.as_bytes()),
                        group,
                        "{one} before {other}"
                    );
                    assert_eq!(
                        spellings.find(other.as_bytes()),
                        next,
                        "{other} behind {one}"
                    );
                }
            }
        }
        for (way, group) in [
            ("a", 0),
            ("b2", 1),
            ("c", 2),
            ("a", 0),
            ("b2", 1),
            ("c", 2),
            ("b", 1),
            ("a", 0),
        ] {
            assert_eq!(spellings.find(way.as_bytes()), Some(group), "{way}");
        }
    }

    #[test]
    fn what_comes_next_is_known_while_lines_come_as_before() {
        let mut spellings = Spellings::default();
        for (group, name) in [b"a", b"b", b"c"].into_iter().enumerate() {
            spellings.add(name.as_slice().into(), group);
        }
        let find = |spellings: &mut Spellings, names: &[u8]| {
            for name in names {
                assert!(spellings.find(&[*name]).is_some());
            }
        };
        find(&mut spellings, b"abcab");
        assert_eq!(spellings.coming::<2>(), None, "too early to tell");
        find(&mut spellings, b"c");
        assert_eq!(spellings.coming(), Some([0, 1, 2, 0]));
        find(&mut spellings, b"b");
        assert_eq!(spellings.coming::<2>(), None, "a was to come");
        find(&mut spellings, b"cbcbcb");
        assert_eq!(spellings.coming(), Some([2, 1]), "as it came the last time");
        assert_eq!(spellings.find(b"d"), None);
        assert_eq!(spellings.coming::<2>(), None, "nobody knows d");
    }

    #[test]
    fn what_is_forgotten_is_not_guessed() {
        let mut spellings = Spellings::default();
        spellings.add((*b"a").into(), 0);
        spellings.add((*b"b").into(), 1);
        let find = |spellings: &mut Spellings, name: &[u8]| spellings.find(name);
        for name in [b"a", b"b", b"a", b"b", b"a"] {
            assert!(find(&mut spellings, name).is_some());
        }
        let mut gone = Vec::new();
        spellings.forget(|group| group == 1, |spelling| gone.push(spelling.to_vec()));
        assert_eq!((gone, spellings.len()), (vec![b"b".to_vec()], 1));
        assert_eq!(find(&mut spellings, b"b"), None);
        spellings.add((*b"c").into(), 1);
        assert_eq!(find(&mut spellings, b"b"), None);
        assert_eq!(find(&mut spellings, b"c"), Some(1));
        assert_eq!(find(&mut spellings, b"a"), Some(0));
    }
}
