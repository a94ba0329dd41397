//! Values and conditions out of JSON.

use std::collections::BTreeMap;

use sim_core::Json;

use super::{FromJson, field};
use crate::expression::{
    Asked, Condition, Diagnosed, Made, Mistake, Modelled, Reached, Right, Shown, Suspect, Unclear, Value,
};

impl<T: FromJson> FromJson for BTreeMap<String, T> {
    fn from_json(json: &Json) -> Option<BTreeMap<String, T>> {
        match json {
            Json::Null => Some(BTreeMap::new()),
            Json::Object(fields) => {
                fields.iter().map(|(name, value)| Some((name.clone(), T::from_json(value)?))).collect()
            }
            _ => None,
        }
    }
}

impl<T: FromJson, const N: usize> FromJson for [T; N] {
    fn from_json(json: &Json) -> Option<[T; N]> {
        let all: Vec<T> = json.as_list()?.iter().map(T::from_json).collect::<Option<_>>()?;
        all.try_into().ok()
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(json: &Json) -> Option<Box<T>> {
        T::from_json(json).map(Box::new)
    }
}

impl FromJson for Value {
    fn from_json(json: &Json) -> Option<Value> {
        match json {
            Json::Number(_) => json.as_f64().map(Value::Number),
            Json::Text(name) => Some(Value::Name(name.clone())),
            Json::Object(_) => Made::from_json(json).map(|made| Value::Made(Box::new(made))),
            _ => None,
        }
    }
}

/// The one field of an object.
fn only(json: &Json) -> Option<(&str, &Json)> {
    match json.fields() {
        [(name, value)] => Some((name, value)),
        _ => None,
    }
}

fn of<T: FromJson, W>(json: &Json, wrap: fn(T) -> W) -> Option<W> {
    T::from_json(json).map(wrap)
}

impl FromJson for Made {
    fn from_json(json: &Json) -> Option<Made> {
        let (name, inner) = only(json)?;
        match name {
            "sum" => of(inner, Made::Sum),
            "difference" => of(inner, Made::Difference),
            "product" => of(inner, Made::Product),
            "quotient" => of(inner, Made::Quotient),
            "percent" => of(inner, Made::Percent),
            "smallest" => of(inner, Made::Smallest),
            "largest" => of(inner, Made::Largest),
            "whole" => of(inner, Made::Whole),
            "size" => of(inner, Made::Size),
            "bytes" => of(inner, Made::Bytes),
            "kb" => of(inner, Made::Kb),
            "mib" => of(inner, Made::Mib),
            "pages" => of(inner, Made::Pages),
            "seconds" => of(inner, Made::Seconds),
            "start" => of(inner, Made::Start),
            "end" => of(inner, Made::End),
            "after" => of(inner, Made::After),
            "delta" => of(inner, Made::Delta),
            "delta-after" => of(inner, Made::DeltaAfter),
            "rate" => of(inner, Made::Rate),
            "peak" => of(inner, Made::Peak),
            "lowest" => of(inner, Made::Lowest),
            "typical" => of(inner, Made::Typical),
            "seconds-until" => of(inner, Made::SecondsUntil),
            "seconds-after-until" => of(inner, Made::SecondsAfterUntil),
            "one" => of(inner, Made::One),
            _ => None,
        }
    }
}

impl FromJson for Condition {
    fn from_json(json: &Json) -> Option<Condition> {
        let (name, inner) = only(json)?;
        match name {
            "at-least" => of(inner, Condition::AtLeast),
            "at-most" => of(inner, Condition::AtMost),
            "more" => of(inner, Condition::More),
            "less" => of(inner, Condition::Less),
            "equal" => of(inner, Condition::Equal),
            "near" => of(inner, Condition::Near),
            "word" => of(inner, Condition::Word),
            "begins" => of(inner, Condition::Begins),
            "present" => of(inner, Condition::Present),
            "all" => of(inner, Condition::All),
            "any" => of(inner, Condition::Any),
            "none" => of(inner, Condition::None),
            _ => None,
        }
    }
}

impl FromJson for Right {
    fn from_json(json: &Json) -> Option<Right> {
        Some(Right { choice: field(json, "choice")?, when: field(json, "when")? })
    }
}

impl FromJson for Mistake {
    fn from_json(json: &Json) -> Option<Mistake> {
        Some(Mistake { value: field(json, "value")?, choice: field(json, "choice")?, says: field(json, "says")? })
    }
}

impl FromJson for Unclear {
    fn from_json(json: &Json) -> Option<Unclear> {
        Some(Unclear { when: field(json, "when")?, says: field(json, "says")? })
    }
}

impl FromJson for Shown {
    fn from_json(json: &Json) -> Option<Shown> {
        Some(Shown { label: field(json, "label")?, value: field(json, "value")? })
    }
}

impl FromJson for Modelled {
    fn from_json(json: &Json) -> Option<Modelled> {
        Some(Modelled {
            value: field(json, "value")?,
            metric: field(json, "metric")?,
            quantity: field(json, "quantity")?,
            at_s: field(json, "at_s")?,
            set: field(json, "set")?,
            times: field(json, "times")?,
        })
    }
}

impl FromJson for Asked {
    fn from_json(json: &Json) -> Option<Asked> {
        Some(Asked {
            given: field(json, "given")?,
            value: field(json, "value")?,
            answers: field(json, "answers")?,
            tolerance_pct: field(json, "tolerance_pct")?,
            simulated: field(json, "simulated")?,
            noise: field(json, "noise")?,
            unclear: field(json, "unclear")?,
            mistakes: field(json, "mistakes")?,
            shows: field(json, "shows")?,
            details: field(json, "details")?,
        })
    }
}

impl FromJson for Reached {
    fn from_json(json: &Json) -> Option<Reached> {
        Some(Reached {
            given: field(json, "given")?,
            done: field(json, "done")?,
            not_yet: field(json, "not_yet")?,
            baseline: json["baseline"].as_bool().unwrap_or_default(),
            unclear: field(json, "unclear")?,
            shows: field(json, "shows")?,
            details: field(json, "details")?,
        })
    }
}

impl FromJson for Diagnosed {
    fn from_json(json: &Json) -> Option<Diagnosed> {
        Some(Diagnosed {
            given: field(json, "given")?,
            answers: field(json, "answers")?,
            shows: field(json, "shows")?,
            details: field(json, "details")?,
        })
    }
}

impl FromJson for Suspect {
    fn from_json(json: &Json) -> Option<Suspect> {
        Some(Suspect { choice: field(json, "choice")?, shows_as: field(json, "shows_as")?, says: field(json, "says")? })
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::Check;

    /// Every way to write a value or a condition is read as serde reads it.
    #[test]
    fn every_expression_is_read_as_it_was_written() {
        let one = |name: &str| format!("{{\"{name}\":\"a.b\"}}");
        let many = |name: &str| format!("{{\"{name}\":[\"a.b\",2]}}");
        let held = "{\"at-least\":[\"a.b\",1.5]}";
        let mut values = vec!["5".to_owned(), "-2.5".to_owned(), "\"$x\"".to_owned()];
        values.extend(["sum", "difference", "product", "quotient", "percent", "smallest", "largest"].map(many));
        values.extend(["whole", "size", "bytes", "kb", "mib", "pages", "seconds", "start", "end", "after"].map(one));
        values.extend(["delta", "delta-after", "rate", "peak", "lowest", "typical"].map(one));
        values.extend(["seconds-until", "seconds-after-until", "one"].map(|name| format!("{{\"{name}\":{held}}}")));
        for value in &values {
            let want: Value = serde_json::from_str(value).unwrap_or_else(|error| panic!("{value}: {error}"));
            assert_eq!(read(value), Some(want.clone()), "{value}");
            assert_eq!(read(&serde_json::to_string(&want).unwrap()), Some(want), "{value}");
        }
        let mut conditions: Vec<String> = ["at-least", "at-most", "more", "less", "equal"].map(many).to_vec();
        conditions.extend(["word", "begins"].map(|name| format!("{{\"{name}\":[\"a.b\",\"c\"]}}")));
        conditions.extend(["all", "any", "none"].map(|name| format!("{{\"{name}\":[{held}]}}")));
        conditions.extend([one("present"), "{\"near\":[1,\"a.b\",3]}".to_owned()]);
        for condition in &conditions {
            let want: Condition =
                serde_json::from_str(condition).unwrap_or_else(|error| panic!("{condition}: {error}"));
            assert_eq!(read(condition), Some(want), "{condition}");
        }
        for wrong in ["{}", "null", "[1]", "{\"sum\":[1],\"kb\":1}", "{\"sun\":[1]}", "{\"quotient\":[1]}"] {
            assert_eq!(read::<Value>(wrong), None, "{wrong}");
            assert_eq!(read::<Condition>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_generic_rule_is_read_as_it_was_written() {
        let words = "{\"ko\":\"가\",\"en\":\"a\"}";
        let held = "{\"present\":\"a.b\"}";
        let asked = format!(
            "\"given\":{{\"x\":1}},\"value\":\"$x\",\"answers\":[{{\"choice\":\"c\",\"when\":{held}}}],\"tolerance_pct\":5,\
             \"simulated\":{{\"metric\":\"m\",\"at_s\":3,\"set\":{{\"p\":\"a.b\"}},\"times\":2}},\"noise\":1,\
             \"unclear\":[{{\"when\":{held},\"says\":{words}}}],\"mistakes\":[{{\"choice\":\"c\",\"says\":{words}}}],\
             \"shows\":[{{\"label\":{words},\"value\":1}}],\"details\":[{words}]"
        );
        for check in [
            format!("{{\"rule\":\"observe\",{asked}}}"),
            format!("{{\"rule\":\"predict\",{asked}}}"),
            format!("{{\"rule\":\"act\",\"done\":{held},\"not_yet\":{words},\"baseline\":true}}"),
            format!(
                "{{\"rule\":\"diagnose\",\"answers\":[{{\"choice\":\"c\",\"shows_as\":{held},\"says\":{words}}}]}}"
            ),
        ] {
            let want: Check = serde_json::from_str(&check).unwrap_or_else(|error| panic!("{check}: {error}"));
            assert_eq!(read(&check), Some(want.clone()), "{check}");
            assert_eq!(read(&serde_json::to_string(&want).unwrap()), Some(want), "{check}");
        }
    }
}
