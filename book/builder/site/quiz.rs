//! A question within a chapter: one right answer among several, each with its reason.
//!
//! ```text
//! {{#quiz minute}}
//! What does the first field show after one minute?
//!
//! - [ ] 1.00
//!   The average is not over the last minute.
//! - [x] {{=load-average one-task-for-a-minute avenrun_1 @61s}}
//!   Twelve steps of 8 % each.
//! {{/quiz}}
//! ```
//!
//! Each answer is a disclosure: it works from the keyboard, without a script, and on paper.

use pulldown_cmark::html::push_html;
use sim_core::{Lang, Text};

use super::html::escape;
use super::page::{Mistake, parser};

/// An answer that can be chosen.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    right: bool,
    text: String,
    why: String,
    line: usize,
}

/// The Markdown, with HTML around it, that a quiz becomes. `first` is the line its inside begins at.
///
/// # Errors
/// Every mistake: no question, fewer than two answers, not exactly one right, an answer without a reason.
pub fn expand(id: &str, inside: &str, first: usize, lang: Lang) -> Result<String, Vec<Mistake>> {
    let (question, answers) = read(inside, first);
    let mistakes = mistakes(id, &question, &answers, first);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let label = Text::fixed("확인 문제", "Check yourself");
    let verdicts = [Text::fixed("아닙니다.", "No."), Text::fixed("맞습니다.", "Right.")];
    let mut html = format!(
        "<section class=\"quiz\" id=\"quiz-{0}\" aria-label=\"{1}\">\n<p class=\"quiz-label\">{1}</p>\n\n{2}\n",
        escape(id),
        label.get(lang),
        question.trim()
    );
    for answer in &answers {
        let verdict = verdicts[usize::from(answer.right)].get(lang);
        let class = if answer.right { "quiz-answer quiz-right" } else { "quiz-answer" };
        html.push_str(&format!(
            "\n<details class=\"{class}\"><summary>{}</summary>\n\n**{verdict}** {}\n\n</details>\n",
            inline(&answer.text),
            answer.why.trim()
        ));
    }
    html.push_str("\n</section>\n");
    Ok(html)
}

/// Parts the inside into the question and its answers.
fn read(inside: &str, first: usize) -> (String, Vec<Answer>) {
    let mut question = String::new();
    let mut answers: Vec<Answer> = Vec::new();
    for (i, line) in inside.lines().enumerate() {
        let opened = [("- [ ] ", false), ("- [x] ", true)]
            .into_iter()
            .find_map(|(mark, right)| Some((line.strip_prefix(mark)?, right)));
        match (opened, answers.last_mut()) {
            (Some((text, right)), _) => {
                answers.push(Answer { right, text: text.trim().to_owned(), why: String::new(), line: first + i });
            }
            (None, Some(answer)) => {
                answer.why.push_str(line.trim());
                answer.why.push('\n');
            }
            (None, None) => {
                question.push_str(line);
                question.push('\n');
            }
        }
    }
    (question, answers)
}

fn mistakes(id: &str, question: &str, answers: &[Answer], first: usize) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut wrong = |line: usize, what: String| mistakes.push(Mistake { line, what });
    if question.trim().is_empty() {
        wrong(first, format!("the quiz {id} asks nothing: put its question before its answers"));
    }
    if answers.len() < 2 {
        wrong(first, format!("the quiz {id} needs at least two answers: lines that begin with - [ ] or - [x]"));
    }
    let right = answers.iter().filter(|answer| answer.right).count();
    if right != 1 {
        wrong(first, format!("the quiz {id} has {right} right answers: mark exactly one with - [x]"));
    }
    for answer in answers.iter().filter(|answer| answer.why.trim().is_empty()) {
        wrong(answer.line, format!("the answer {:?} has no reason: put it on the lines below, indented", answer.text));
    }
    for (i, answer) in answers.iter().enumerate() {
        if answers[..i].iter().any(|other| other.text == answer.text) {
            wrong(answer.line, format!("the answer {:?} is there twice", answer.text));
        }
    }
    mistakes
}

/// Markdown of one line as HTML without a paragraph around it.
fn inline(text: &str) -> String {
    let mut html = String::new();
    push_html(&mut html, parser(text));
    let html = html.trim();
    html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")).unwrap_or(html).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_says_whether_and_why() {
        let html =
            expand("q", "Which *file*?\n\n- [ ] `a`\n  Not it.\n- [x] b\n  Since 6.1.\n  Really.\n", 3, Lang::En)
                .unwrap();
        assert_eq!(
            html,
            "<section class=\"quiz\" id=\"quiz-q\" aria-label=\"Check yourself\">\n<p class=\"quiz-label\">Check yourself</p>\n\n\
             Which *file*?\n\n\
             <details class=\"quiz-answer\"><summary><code>a</code></summary>\n\n**No.** Not it.\n\n</details>\n\n\
             <details class=\"quiz-answer quiz-right\"><summary>b</summary>\n\n**Right.** Since 6.1.\nReally.\n\n</details>\n\n</section>\n"
        );
    }

    #[test]
    fn a_quiz_that_cannot_be_answered_is_refused_with_its_lines() {
        for (inside, lines) in [
            ("", vec![(7, "asks nothing"), (7, "at least two"), (7, "0 right")]),
            ("Q\n- [x] a\n  why\n", vec![(7, "at least two")]),
            ("Q\n- [x] a\n  why\n- [x] b\n  why\n", vec![(7, "2 right")]),
            ("Q\n- [x] a\n  why\n- [ ] b\n", vec![(10, "\"b\" has no reason")]),
            ("Q\n- [x] a\n  why\n- [ ] a\n  why\n", vec![(10, "there twice")]),
        ] {
            let mistakes = expand("q", inside, 7, Lang::Ko).unwrap_err();
            assert_eq!(mistakes.len(), lines.len(), "{inside:?}: {mistakes:?}");
            for (mistake, (line, what)) in mistakes.iter().zip(lines) {
                assert!(mistake.line == line && mistake.what.contains(what), "{inside:?}: {mistake:?}");
            }
        }
    }
}
