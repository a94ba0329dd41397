//! What a client is told when it does not get what it asked for: JSON under `/api`, a page
//! elsewhere, both languages in either.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sim_core::{Text, text};

/// A request that was refused or could not be answered.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable name for programs: `host`, `origin`, `token_unknown`, ...
    pub code: &'static str,
    /// What is wrong and what to do next.
    pub message: Text,
    /// A header that belongs to the status: `Allow`, `Retry-After`, `WWW-Authenticate`.
    pub header: Option<(HeaderName, &'static str)>,
}

impl Problem {
    /// A problem with no header of its own.
    pub fn new(status: StatusCode, code: &'static str, message: Text) -> Problem {
        Problem { status, code, message, header: None }
    }

    /// The same with a header.
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Problem {
        self.header = Some((name, value));
        self
    }

    /// Nothing by that name.
    pub fn not_found() -> Problem {
        let message = Text::fixed(
            "이 주소에는 아무것도 없습니다. 첫 페이지(/)에서 다시 찾아 주십시오.",
            "There is nothing at this address. Start again from the first page (/).",
        );
        Problem::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// A method that the address does not know.
    pub fn method() -> Problem {
        let message = Text::fixed(
            "이 주소가 받지 않는 HTTP 메서드입니다. 응답의 Allow 헤더에 받는 메서드가 있습니다.",
            "This address does not take that HTTP method; the Allow header names those it takes.",
        );
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", message)
    }

    /// A parameter or body that cannot be used; `message` says where, what and what was expected.
    pub fn bad_request(message: Text) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// The server could not do its part.
    pub fn internal(message: Text) -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// The problem of a response that was made by the router itself, with a status and no words.
    fn of_status(status: StatusCode) -> Problem {
        match status {
            StatusCode::NOT_FOUND => Problem::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Problem::method(),
            _ => {
                let number = status.as_u16();
                let message = text!(
                    ko: "요청을 처리하지 못했습니다(HTTP {number}).",
                    en: "The request could not be answered (HTTP {number})."
                );
                Problem::new(status, "http", message)
            }
        }
    }

    /// The body a program gets: `{"error":{"code":…,"message":{"ko":…,"en":…}}}`
    pub fn json(&self) -> String {
        json!({ "error": { "code": self.code, "message": self.message } }).to_string()
    }

    fn page(&self) -> String {
        let number = self.status.as_u16();
        let (ko, en) = (escape(&self.message.ko), escape(&self.message.en));
        format!(
            "<!doctype html>\n<html lang=\"ko\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{number}</title>\n</head>\n<body>\n\
             <h1>{number}</h1>\n<p>{ko}</p>\n<p lang=\"en\">{en}</p>\n</body>\n</html>\n"
        )
    }
}

/// Carries the problem to [`render`], which alone knows whether a program or a person asked.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some((name, value)) = &self.header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives a refusal its body. Answers that are not refusals pass untouched.
pub fn render(mut response: Response, api: bool) -> Response {
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if status.is_client_error() || status.is_server_error() => Problem::of_status(status),
        None => return response,
    };
    let (kind, body) =
        if api { ("application/json", problem.json()) } else { ("text/html; charset=utf-8", problem.page()) };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Response::from_parts(parts, body.into())
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_cannot_be_written_by_the_request() {
        let problem = Problem::bad_request(Text::verbatim("<script>&"));
        assert!(problem.page().contains("&lt;script&gt;&amp;") && !problem.page().contains("<script"));
        assert_eq!(problem.json(), r#"{"error":{"code":"bad_request","message":{"en":"<script>&","ko":"<script>&"}}}"#);
    }
}
