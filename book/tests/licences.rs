//! The licences of everything this project is built from.

use std::collections::BTreeSet;

use cargo_metadata::{CargoOpt, MetadataCommand};
use spdx::{Expression, LicenseItem};

/// Licences under which a dependency may be used here. All are permissive but MPL-2.0, which asks
/// that changes to its own files stay open; mdBook, unchanged, is under it.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    // The icons of mdBook's menu bar.
    "CC-BY-4.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn is_allowed(item: &LicenseItem) -> Option<&'static str> {
    let id = item.id()?;
    ALLOWED.iter().copied().find(|allowed| *allowed == id.name)
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata =
        MetadataCommand::new().manifest_path(manifest).features(CargoOpt::AllFeatures).exec().expect("cargo metadata");
    let mut refused = Vec::new();
    let mut used = BTreeSet::new();
    for package in &metadata.packages {
        let text = package.license.as_deref().unwrap_or("(none given)");
        let expression = Expression::parse_mode(text, spdx::ParseMode::LAX);
        let fits = expression.is_ok_and(|expression| {
            expression.evaluate(|requirement| {
                let allowed = is_allowed(&requirement.license);
                used.extend(allowed);
                allowed.is_some()
            })
        });
        if !fits {
            refused.push(format!("{} {}: {text}", package.name, package.version));
        }
    }
    assert!(metadata.packages.len() > 100, "the whole tree is looked at");
    assert!(refused.is_empty(), "not on the allow-list: {refused:#?}");
    let unused: Vec<_> = ALLOWED.iter().filter(|id| !used.contains(**id)).collect();
    assert!(unused.is_empty(), "nothing needs these entries any more, remove them: {unused:?}");
}
