//! What is not a page: the stylesheet, the scripts and the compiled widgets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::{BuildError, Files};

/// A file of `OUT/assets/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name there.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Stylesheets of the theme in the order they are joined; any other `*.css` follows by name.
const CSS_ORDER: [&str; 4] = ["book.css", "figures.css", "sim.css", "exercise.css"];

/// Stylesheets of mdBook that the theme builds on: its five colour schemes and its text.
const MDBOOK_CSS: [&str; 2] = ["css/variables.css", "css/general.css"];

/// The theme, read once for a build.
pub struct Theme {
    /// The page template, its strings still to be filled in.
    pub template: String,
    /// Stylesheets of `book/theme` by name, in order.
    css: Vec<(String, String)>,
    /// Everything else that goes to `assets/`.
    assets: Vec<Asset>,
}

impl Theme {
    /// Reads the theme's folder and adds the widgets.
    ///
    /// # Errors
    /// A file of the theme cannot be read.
    pub fn load(folder: &Path, widgets: &[Asset]) -> Result<Theme, BuildError> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(|error| BuildError::file(folder, "read", error))?;
        names.sort();
        let mut theme = Theme { template: text(&folder.join("index.hbs"))?, css: Vec::new(), assets: widgets.to_vec() };
        for path in names {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("css") => theme.css.push((name, text(&path)?)),
                Some("js" | "mjs" | "svg" | "png") if widgets.iter().all(|asset| asset.name != name) => {
                    let bytes = std::fs::read(&path).map_err(|error| BuildError::file(&path, "read", error))?;
                    theme.assets.push(Asset { name, bytes });
                }
                _ => {}
            }
        }
        let rank = |name: &str| CSS_ORDER.iter().position(|known| *known == name).unwrap_or(CSS_ORDER.len());
        theme.css.sort_by_key(|(name, _)| (rank(name), name.clone()));
        Ok(theme)
    }

    /// The files of `assets/`, by path in the site.
    ///
    /// # Errors
    /// mdBook cannot write its own theme.
    pub fn files(&self) -> Result<Files, BuildError> {
        let mut files: Files =
            self.assets.iter().map(|asset| (format!("assets/{}", asset.name), asset.bytes.clone())).collect();
        files.insert("assets/book.css".into(), self.stylesheet()?.into_bytes());
        Ok(files)
    }

    /// One stylesheet: mdBook's base, then the theme's.
    fn stylesheet(&self) -> Result<String, BuildError> {
        let mut all = mdbook_css()?.to_owned();
        for (name, css) in &self.css {
            all.push_str(&format!("\n/* {name} */\n{css}"));
        }
        Ok(all)
    }

    /// Whether `assets/` holds this file.
    pub fn has(&self, name: &str) -> bool {
        self.assets.iter().any(|asset| asset.name == name)
    }

    /// How a page in `OUT/ko` or `OUT/en` names an asset: a changed file gets another address, so
    /// a cache never shows a page with yesterday's stylesheet.
    ///
    /// # Errors
    /// mdBook cannot write its own theme.
    pub fn address(&self, name: &str) -> Result<String, BuildError> {
        let hash = match self.assets.iter().find(|asset| asset.name == name) {
            Some(asset) => hash(&asset.bytes),
            None => hash(self.stylesheet()?.as_bytes()),
        };
        Ok(format!("assets/{name}?v={}", &hash[..8]))
    }
}

fn text(path: &Path) -> Result<String, BuildError> {
    std::fs::read_to_string(path).map_err(|error| BuildError::file(path, "read", error))
}

/// The base stylesheets of the mdBook this builder is linked with, so that they fit its HTML.
fn mdbook_css() -> Result<&'static str, BuildError> {
    static CSS: OnceLock<Result<String, String>> = OnceLock::new();
    let read = || -> Result<String, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        mdbook_driver::MDBook::init(folder.path()).copy_theme(true).build()?;
        let mut css = String::from(
            "/* css/variables.css and css/general.css of mdBook, https://github.com/rust-lang/mdBook, MPL-2.0 */\n",
        );
        for name in MDBOOK_CSS {
            css.push_str(&std::fs::read_to_string(folder.path().join("theme").join(name))?);
        }
        Ok(css)
    };
    CSS.get_or_init(|| read().map_err(|error| error.to_string()))
        .as_deref()
        .map_err(|what| BuildError::Theme(format!("mdBook's own stylesheets cannot be had: {what}")))
}

/// SHA-256 in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The compiled widgets out of the folder they were made in (`sim_wasm.js`, `sim_wasm_bg.wasm` and, where
/// the module was cut, its parts) and the loader that starts them, as `sim-wasm-HASH.js`,
/// `sim-wasm-HASH_bg.wasm`, `sim-wasm-PART-HASH.wasm` and `widgets.js`: a page that a cache kept never
/// meets a module of another build.
///
/// # Errors
/// A file is missing or cannot be read.
pub fn widgets(folder: &Path, loader: &Path) -> Result<Vec<Asset>, BuildError> {
    let bytes = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| BuildError::file(&path, "read", error))
    };
    let module = bytes(MAIN)?;
    let glue = text(&folder.join(GLUE))?;
    let needs = needs(folder)?;
    let mut parts = BTreeMap::new();
    for name in needs.values().flatten() {
        parts.insert(name, bytes(&part_file(name))?);
    }
    let mut all = [module.as_slice(), glue.as_bytes()].concat();
    parts.values().for_each(|part| all.extend_from_slice(part));
    let hash = &hash(&all)[..12];
    let name = format!("sim-wasm-{hash}");
    let file_of = |part: &String| format!("sim-wasm-{part}-{hash}.wasm");
    let glue = glue.replace(MAIN, &format!("{name}_bg.wasm"));
    let mut loader_text = text(loader)?;
    let files: BTreeMap<_, Vec<_>> =
        needs.iter().map(|(part, names)| (part, names.iter().map(file_of).collect())).collect();
    for (placeholder, value) in [
        (LOADER_MODULE, name.clone()),
        (LOADER_PARTS, format!("PARTS = {};", serde_json::to_string(&files).unwrap_or_default())),
    ] {
        if !loader_text.contains(placeholder) {
            let what = format!("{} does not name the module {placeholder:?}", loader.display());
            return Err(BuildError::Theme(what));
        }
        loader_text = loader_text.replace(placeholder, &value);
    }
    let mut assets = vec![
        Asset { name: format!("{name}.js"), bytes: glue.into_bytes() },
        Asset { name: format!("{name}_bg.wasm"), bytes: module },
        Asset { name: "widgets.js".into(), bytes: loader_text.into_bytes() },
    ];
    assets.extend(parts.into_iter().map(|(part, bytes)| Asset { name: file_of(part), bytes }));
    Ok(assets)
}

/// The file of the module that every page with a widget fetches, as wasm-bindgen names it.
pub const MAIN: &str = "sim_wasm_bg.wasm";

/// What loads it.
pub const GLUE: &str = "sim_wasm.js";

/// Which files a part takes besides [`MAIN`], in the order in which they are linked: a map of lists as JSON.
/// Not there where all is in [`MAIN`].
pub const NEEDS: &str = "sim_wasm.parts.json";

/// The file of a part.
pub fn part_file(part: &str) -> String {
    format!("sim_wasm.{part}.wasm")
}

/// What [`NEEDS`] says in a folder of widgets.
///
/// # Errors
/// It is there and cannot be read.
pub fn needs(folder: &Path) -> Result<BTreeMap<String, Vec<String>>, BuildError> {
    let path = folder.join(NEEDS);
    let wrong = |error| BuildError::file(&path, "read", error);
    match std::fs::read(&path) {
        Ok(json) => serde_json::from_slice(&json).map_err(|error| wrong(error.into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(wrong(error)),
    }
}

/// What stands for the name of the module in the loader.
const LOADER_MODULE: &str = "sim-wasm-HASH";

/// What stands for the files of its parts.
const LOADER_PARTS: &str = "PARTS = {};";
