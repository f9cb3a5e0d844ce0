//! Field keys, each kept once: a thousand groups have the same ones.
//!
//! That saves the memory of the others, and the key that a field is compared with is in the cache.

use std::collections::HashMap;
use std::sync::Arc;

use super::writable::is_writable_field;

/// The keys there are.
#[derive(Debug, Default)]
pub(super) struct FieldKeys {
    keys: HashMap<Arc<[u8]>, bool>, // whether it can be written
}

impl FieldKeys {
    /// The key of these bytes, and whether it can be written.
    pub(super) fn get(&mut self, field: &[u8]) -> (Arc<[u8]>, bool) {
        if let Some((key, &is_writable)) = self.keys.get_key_value(field) {
            return (Arc::clone(key), is_writable);
        }
        let key: Arc<[u8]> = field.into();
        let is_writable = is_writable_field(field);
        self.keys.insert(Arc::clone(&key), is_writable);
        (key, is_writable)
    }

    /// Forgets the keys that no field has any more.
    pub(super) fn forget_unused(&mut self) {
        self.keys.retain(|key, _| Arc::strong_count(key) > 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_once_and_for_as_long_as_a_field_has_it() {
        let mut keys = FieldKeys::default();
        let mut get = |field| keys.get(field).0;
        let (one, same, other) = (get(&b"usage"[..]), get(b"usage"), get(b"idle"));
        assert!(Arc::ptr_eq(&one, &same) && *other == *b"idle");
        drop((one, other));
        keys.forget_unused();
        assert_eq!(keys.keys.len(), 1);
        drop(same);
        keys.forget_unused();
        assert!(keys.keys.is_empty());
    }
}
