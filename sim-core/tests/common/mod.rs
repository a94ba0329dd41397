//! What holds for the scenarios of every model.

use proptest::prelude::*;
use sim_core::Problem;

/// A refusal names each field in both languages, and none twice.
pub fn refused_field_by_field(problems: &[Problem]) -> Result<(), TestCaseError> {
    for problem in problems {
        let text = problem.text();
        prop_assert!(text.en.contains(&problem.field) && text.ko.contains(&problem.field));
    }
    let mut fields: Vec<_> = problems.iter().map(|problem| &problem.field).collect();
    fields.sort();
    fields.dedup();
    prop_assert_eq!(fields.len(), problems.len(), "one problem a field: {:?}", problems);
    Ok(())
}
