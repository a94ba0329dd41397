//! The controls that a model declares: its lists and groups of values.

use sim_core::Json;
use yew::{Html, html};

use super::Msg;
use super::form::{Form, NumberBox, button};
use crate::simulators::{Column, Holds, List, Part};

/// Draws a part of an editor.
pub fn view(part: &'static Part, scenario: &Json, form: &Form<'_>) -> Html {
    match part {
        Part::List(list) => entries(list, scenario, form),
        Part::Group { title, columns } => html! {
            <fieldset class="sim-starts">
                <legend>{form.say(title).to_owned()}</legend>
                {for columns.iter().map(|column| control("", column, scenario, form))}
            </fieldset>
        },
    }
}

fn entries(list: &'static List, scenario: &Json, form: &Form<'_>) -> Html {
    let items = scenario.at(list.path).and_then(Json::as_list).unwrap_or_default();
    let entry = |(i, item): (usize, &Json)| {
        let path = format!("{}[{i}].", list.path);
        let remove = form.link.callback(move |_| Msg::Remove(list, i));
        html! {
            <li key={i}>
                {for list.columns.iter().map(|column| control(&path, column, item, form))}
                {button("remove-entry", form.say(&list.remove), remove)}
            </li>
        }
    };
    html! {
        <fieldset class="sim-tasks">
            <legend>{form.say(&list.title).to_owned()}</legend>
            if items.is_empty() {
                <p>{form.say(&list.none).to_owned()}</p>
            }
            <ol>{for items.iter().enumerate().map(entry)}</ol>
            {button("add-entry", form.say(&list.add), form.link.callback(move |_| Msg::Add(list)))}
        </fieldset>
    }
}

/// One control, or a row of boxes; `base` is the path of what the column's path is from.
fn control(base: &str, column: &'static Column, of: &Json, form: &Form<'_>) -> Html {
    let path = format!("{base}{}", column.field);
    let value = of.at(column.field).unwrap_or(&Json::Null);
    let number = |path: String, value: &Json, range| {
        form.number(&NumberBox { path, unit: column.unit, value: value.as_i64().unwrap_or(0), range })
    };
    let control = match column.holds {
        Holds::Whole => number(path.clone(), value, None),
        Holds::Between(min, max) => number(path.clone(), value, Some((min, max))),
        Holds::Words(_) | Holds::Codes(_) => form.select(&path, value, column.holds.choices()),
        Holds::Each => {
            let items = value.as_list().unwrap_or_default().iter().enumerate();
            let boxes = items.map(|(i, item)| {
                let path = format!("{path}[{i}]");
                form.field(&path, &sim_core::Text::verbatim(i.to_string()), number(path.clone(), item, None))
            });
            return html! {
                <div class="sim-each" role="group" aria-label={form.say(&column.label).to_owned()}>
                    <span class="sim-each-title">{form.say(&column.label).to_owned()}</span>
                    {for boxes}
                </div>
            };
        }
    };
    form.field(&path, &column.label, control)
}
