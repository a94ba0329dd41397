//! The rooms of the workspace, and which may know which.

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// A package, and the packages of this workspace it may depend on.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("sim-core", &[]),
    ("exercises", &["sim-core"]),
    ("sim-figures", &["sim-core"]),
    ("sim-wasm", &["exercises", "sim-core", "sim-figures"]),
    ("live-probe", &["exercises", "sim-core", "sim-figures"]),
    ("book", &["exercises", "sim-core", "sim-figures"]),
];

fn packages() -> Vec<Package> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap().packages
}

#[test]
fn arrows_never_point_back() {
    for package in packages() {
        let (name, may) = MAY_KNOW.iter().find(|(name, _)| *name == package.name.as_str()).unwrap_or_else(|| {
            panic!("{} has no entry in MAY_KNOW", package.name);
        });
        for dependency in package.dependencies.iter().filter(|d| d.path.is_some()) {
            // A package may ask for a feature of itself in its own tests.
            let itself = dependency.name == *name && dependency.kind == DependencyKind::Development;
            assert!(itself || may.contains(&dependency.name.as_str()), "{name} must not know {}", dependency.name);
        }
    }
}

#[test]
fn every_entry_is_a_package() {
    let packages = packages();
    for (name, _) in MAY_KNOW {
        assert!(packages.iter().any(|package| package.name.as_str() == *name), "{name} is gone: remove its entry");
    }
}

#[test]
fn models_touch_nothing_but_their_scenario() {
    let packages = packages();
    let sim_core = packages.iter().find(|package| package.name.as_str() == "sim-core").unwrap();
    let needed = sim_core.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal && !d.optional);
    let names: Vec<_> = needed.map(|dependency| dependency.name.as_str()).collect();
    assert_eq!(names, ["postcard", "rand", "serde"]);
}
