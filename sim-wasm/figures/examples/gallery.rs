//! Writes every preset's figure as a page to look at: `cargo run -p sim-figures --example gallery DIR`.

use sim_core::Lang;
use sim_figures::{STYLE, Source, static_figure};

fn main() -> std::io::Result<()> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    std::fs::create_dir_all(&dir)?;
    for lang in Lang::ALL {
        for theme in ["light", "rust", "coal", "navy", "ayu"] {
            let mut page = format!(
                "<!doctype html><html lang=\"{lang}\" class=\"{theme}\"><meta charset=\"utf-8\">\
                 <meta name=\"viewport\" content=\"width=device-width\"><style>{THEMES}{STYLE}</style>"
            );
            for entry in sim_core::catalogue() {
                for (name, ..) in (entry.presets)() {
                    let figure = static_figure(entry.name, Source::Preset(name), None, lang)
                        .map_err(|error| std::io::Error::other(error.text().get(lang).to_owned()))?;
                    page += &format!(
                        "<figure class=\"sim\"><div class=\"sim-static\">{}</div>\
                         <figcaption><b>{}</b> {}</figcaption></figure>",
                        figure.inline, figure.title, figure.insight
                    );
                    std::fs::write(format!("{dir}/{name}.{lang}.svg"), &figure.file)?;
                }
            }
            std::fs::write(format!("{dir}/{theme}.{lang}.html"), page)?;
        }
    }
    Ok(())
}

/// Paper and ink of the book's themes.
const THEMES: &str = "
.light { --bg: #ffffff; --fg: #000000 } .rust { --bg: #e1e1db; --fg: #262625 }
.coal { --bg: #141617; --fg: #98a3ad } .navy { --bg: #161923; --fg: #bcbdd0 }
.ayu { --bg: #0f1419; --fg: #c5c5c5 }
body { background: var(--bg); color: var(--fg); font-family: 'Noto Sans CJK KR', sans-serif;
  max-width: 750px; margin: 0 auto; padding: 0 15px; word-break: keep-all }
figure { margin: 2em 0 } figcaption { margin-top: 0.6em; line-height: 1.7 }
";
