//! Controls: a number box that says what it stands for and what it may hold.

use sim_core::scenario::{Param, Problem};
use sim_core::{Json, Lang, Text, text};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::html::Scope;
use yew::{Callback, Event, Html, InputEvent, TargetCast, html};

use super::{Frame, Msg};
use crate::slider::Slider;

/// A box for a whole number.
pub struct NumberBox {
    /// The path of the field, as a problem names it.
    pub path: String,
    /// Unit of the value.
    pub unit: &'static str,
    /// What the scenario holds.
    pub value: i64,
    /// Smallest and largest value, where they are always the same.
    pub range: Option<(i64, i64)>,
}

/// What the controls of one scenario share.
pub struct Form<'a> {
    /// The reader's language.
    pub lang: Lang,
    /// Begins the id of every control.
    pub id: &'a str,
    /// What is wrong with the scenario now.
    pub problems: &'a [Problem],
    /// Where changes go.
    pub link: &'a Scope<Frame>,
}

impl Form<'_> {
    /// A text in the reader's language.
    pub fn say<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.lang)
    }

    /// A labelled control; a refused value is told under it.
    pub fn field(&self, path: &str, label: &Text, control: Html) -> Html {
        let id = self.control_id(path);
        html! {
            <div class="sim-field">
                <label for={id.clone()}>{self.say(label).to_owned()}</label>
                {control}
                {self.told(&id, path)}
            </div>
        }
    }

    /// A choice between values.
    pub fn select(&self, path: &str, value: &Json, choices: Vec<(Json, &'static Text)>) -> Html {
        let chosen = choices.iter().position(|(choice, _)| choice == value).unwrap_or(0);
        let names: Vec<Text> = choices.iter().map(|(_, name)| (*name).clone()).collect();
        let own = path.to_owned();
        let onchange = self.link.batch_callback(move |event: Event| {
            let (value, _) = choices.get(chosen_index(&event))?;
            Some(Msg::Put(own.clone(), value.clone()))
        });
        html! { <select id={self.control_id(path)} {onchange}>{for options(&names, chosen, self.lang)}</select> }
    }

    /// A parameter: name, label, unit, default and allowed range, a slider and a box (or a choice).
    pub fn param(&self, param: &'static Param, scenario: &Json) -> Html {
        let value = scenario.at(param.name).and_then(Json::as_i64).unwrap_or(param.default);
        let id = self.control_id(param.name);
        let unit = if param.unit.is_empty() { String::new() } else { format!(" {}", param.unit) };
        let names = |of: &dyn Fn(i64) -> bool| {
            let chosen = param.choices.iter().filter(|(choice, _)| of(*choice));
            chosen.map(|(_, name)| self.say(name)).collect::<Vec<_>>().join(", ")
        };
        let (default, allowed) = if param.choices.is_empty() {
            (param.default.to_string(), param.allowed())
        } else {
            (names(&|choice| choice == param.default), names(&|_| true))
        };
        let facts = match self.lang {
            Lang::Ko => format!("기본 {default}{unit} · 범위 {allowed}{unit}"),
            Lang::En => format!("default {default}{unit} · allowed {allowed}{unit}"),
        };
        let control = if param.choices.is_empty() {
            let field = NumberBox { path: param.name.to_owned(), unit: param.unit, value, range: None };
            html! { <>{self.slider(param, value)}{self.number(&field)}</> }
        } else {
            let choices = param.choices.iter().map(|(choice, name)| ((*choice).into(), name)).collect();
            self.select(param.name, &value.into(), choices)
        };
        html! {
            <div class="sim-param" key={param.name}>
                <label for={id.clone()}>{self.say(&param.label)}{" "}<code>{param.name}</code></label>
                <div class="sim-control">{control}</div>
                <p class="sim-help">{self.say(&param.help)}{" "}<span class="sim-range">{facts}</span></p>
                {self.told(&id, param.name)}
            </div>
        }
    }

    fn slider(&self, param: &'static Param, value: i64) -> Html {
        let Some(slider) = Slider::of(param) else { return Html::default() };
        let oninput = self.link.callback(move |event: InputEvent| {
            let at = input_value(&event).parse().unwrap_or(0);
            Msg::Set(param.name.to_owned(), slider.value(at).to_string())
        });
        html! {
            <input type="range" aria-label={self.say(&param.label).to_owned()} min="0" max={slider.last().to_string()}
                value={slider.at(value).to_string()} aria-valuetext={format!("{value} {}", param.unit)} {oninput} />
        }
    }

    /// A box with its unit.
    pub fn number(&self, field: &NumberBox) -> Html {
        let id = self.control_id(&field.path);
        let bad = self.problems.iter().any(|problem| problem.field == field.path);
        let path = field.path.clone();
        let oninput = self.link.callback(move |event: InputEvent| Msg::Set(path.clone(), input_value(&event)));
        let (min, max) = field.range.unzip();
        let described = bad.then(|| format!("{id}-told"));
        html! {
            <span class="sim-number">
                <input type="number" {id} data-field={field.path.clone()} step="1"
                    min={min.map(|min| min.to_string())} max={max.map(|max| max.to_string())}
                    value={self.typed(field)} aria-invalid={bad.then_some("true")}
                    aria-describedby={described} {oninput} />
                if !field.unit.is_empty() {
                    <span class="sim-unit">{field.unit}</span>
                }
            </span>
        }
    }

    /// What the box shows: while its text is no whole number, that text and not the last number.
    fn typed(&self, field: &NumberBox) -> Option<String> {
        let broken = self.problems.iter().any(|problem| problem.field == field.path && is_no_number(problem));
        (!broken).then(|| field.value.to_string())
    }

    fn told(&self, id: &str, path: &str) -> Html {
        match self.problems.iter().find(|problem| problem.field == path) {
            Some(problem) => {
                let told = problem.text();
                html! { <p class="sim-problem" id={format!("{id}-told")}>{self.say(&told).to_owned()}</p> }
            }
            None => Html::default(),
        }
    }

    fn control_id(&self, path: &str) -> String {
        format!("{}-{}", self.id, path.replace(['[', ']', '.'], "-"))
    }
}

/// The problem of a box whose text is no whole number.
pub fn no_number(path: &str, text: &str, param: Option<&Param>) -> Problem {
    let allowed = param.map_or_else(|| "…, -1, 0, 1, …".to_owned(), Param::allowed);
    Problem::range(path, format!("\"{text}\""), allowed, param.map_or("", |param| param.unit))
        .because(text!(ko: "정수를 적어야 합니다", en: "a whole number is needed"))
}

/// Whether a problem is one of [`no_number`]'s.
pub fn is_no_number(problem: &Problem) -> bool {
    problem.value.starts_with('"')
}

/// The text of the input an event comes from.
pub fn input_value(event: &InputEvent) -> String {
    event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
}

/// The index chosen in the select an event comes from.
pub fn chosen_index(event: &Event) -> usize {
    let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
    select.map_or(0, |select| select.selected_index().max(0) as usize)
}

/// Options of a select.
pub fn options(names: &[Text], chosen: usize, lang: Lang) -> Vec<Html> {
    let option = |(i, name): (usize, &Text)| {
        let name = name.get(lang).to_owned();
        html! { <option selected={i == chosen}>{name}</option> }
    };
    names.iter().enumerate().map(option).collect()
}

/// A button with a name for tests.
pub fn button(name: &'static str, label: &str, onclick: Callback<web_sys::MouseEvent>) -> Html {
    html! { <button type="button" data-testid={name} {onclick}>{label.to_owned()}</button> }
}
