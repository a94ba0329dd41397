//! Values of a scenario by their paths, as problems name them: `cpus`, `tasks[2].count`,
//! `nodes[0].distances[1]`.

use crate::Json;

/// The steps of a path: names of fields and places in lists.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '['])
}

/// A place in a list, `2]`.
fn place(step: &str) -> Option<usize> {
    step.strip_suffix(']')?.parse().ok()
}

impl Json {
    /// The value at a path; nothing where there is none.
    pub fn at(&self, path: &str) -> Option<&Json> {
        // A field may be named after a sysctl, dots and all.
        if let Some(value) = self.get(path) {
            return Some(value);
        }
        steps(path).try_fold(self, |value, step| match place(step) {
            Some(place) => value.as_list()?.get(place),
            None => value.get(step),
        })
    }

    /// The value at a path, to be changed; nothing where there is none.
    pub fn at_mut(&mut self, path: &str) -> Option<&mut Json> {
        if self.get(path).is_some() {
            return self.field_mut(path);
        }
        steps(path).try_fold(self, |value, step| match (value, place(step)) {
            (Json::List(items), Some(place)) => items.get_mut(place),
            (object, None) => object.field_mut(step),
            _ => None,
        })
    }

    fn field_mut(&mut self, name: &str) -> Option<&mut Json> {
        let Json::Object(fields) = self else { return None };
        fields.iter_mut().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Puts another value at a path where there is one already; whether there was.
    pub fn replace(&mut self, path: &str, value: Json) -> bool {
        let place = self.at_mut(path);
        let known = place.is_some();
        if let Some(place) = place {
            *place = value;
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_and_changed_by_their_paths() {
        let json = Json::parse(r#"{"a":1,"list":[{"b":[5,6]},{"b":[7]}],"o":{"c":true},"vm.ratio":9}"#).unwrap();
        for (path, want) in [
            ("a", Some("1")),
            ("list[0].b[1]", Some("6")),
            ("list[1]", Some(r#"{"b":[7]}"#)),
            ("o.c", Some("true")),
            ("vm.ratio", Some("9")),
            ("list[2]", None),
            ("list[x].b", None),
            ("list[", None),
            ("list.b", None),
            ("a.b", None),
            ("a[0]", None),
            ("no_such", None),
        ] {
            assert_eq!(json.at(path).map(Json::to_string).as_deref(), want, "{path}");
            let mut changed = json.clone();
            assert_eq!(changed.replace(path, Json::Null), want.is_some(), "{path}");
            assert_eq!(changed.at(path), want.map(|_| &Json::Null), "{path}");
            assert_eq!(changed == json, want.is_none(), "{path}");
        }
    }
}
