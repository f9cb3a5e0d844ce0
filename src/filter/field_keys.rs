//! Field keys, each kept once: a thousand groups have the same ones.
//!
//! That saves the memory of the others, and the key that a field is compared with is in the cache.

use std::collections::HashSet;
use std::sync::Arc;

/// The keys there are.
#[derive(Debug, Default)]
pub(super) struct FieldKeys {
    keys: HashSet<Arc<[u8]>>,
}

impl FieldKeys {
    /// The key of these bytes.
    pub(super) fn get(&mut self, field: &[u8]) -> Arc<[u8]> {
        if let Some(key) = self.keys.get(field) {
            return Arc::clone(key);
        }
        let key: Arc<[u8]> = field.into();
        self.keys.insert(Arc::clone(&key));
        key
    }

    /// Forgets the keys that no field has any more.
    pub(super) fn forget_unused(&mut self) {
        self.keys.retain(|key| Arc::strong_count(key) > 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_once_and_for_as_long_as_a_field_has_it() {
        let mut keys = FieldKeys::default();
        let (one, same, other) = (keys.get(b"usage"), keys.get(b"usage"), keys.get(b"idle"));
        assert!(Arc::ptr_eq(&one, &same) && *other == *b"idle");
        drop((one, other));
        keys.forget_unused();
        assert_eq!(keys.keys.len(), 1);
        drop(same);
        keys.forget_unused();
        assert!(keys.keys.is_empty());
    }
}
