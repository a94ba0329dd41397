//! The scenario token: one short text that opens the same run in a URL, a terminal and a classroom.
//!
//! `load-average.1.AgEB…`: the model, its version, then URL-safe base64 of a CRC-32 and the
//! `postcard` bytes of scenario and cursor. It survives being read aloud in parts, and a mistyped
//! letter is noticed.

use std::fmt;

use crate::scenario::{Problem, Valid};
use crate::{Model, Nanos, Text, base64, text};

/// Longest token that is looked at; anything longer is not one.
pub const MAX_TOKEN: usize = 64 * 1024;

/// A run and a place in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Token<M: Model> {
    /// What is run.
    pub scenario: Valid<M>,
    /// Where the reader was.
    pub cursor: Nanos,
}

/// Why a text is not a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// Not `model.version.body`.
    Shape,
    /// Of another model than the one it was given to.
    Model(String),
    /// Of a version this build does not have.
    Version {
        /// The version in the token.
        found: String,
        /// The version of this build.
        have: u32,
    },
    /// Letters were lost or changed on the way.
    Damaged,
    /// Whole, but its scenario cannot be run.
    Scenario(Vec<Problem>),
}

impl TokenError {
    /// What is wrong and what to do, for a reader.
    pub fn text(&self) -> Text {
        match self {
            TokenError::Shape => Text::fixed(
                "토큰이 아닙니다. `모델.버전.내용` 꼴이어야 합니다. 링크를 처음부터 끝까지 복사했는지 확인하십시오.",
                "This is not a token. It should look like `model.version.body`; check that the whole link was copied.",
            ),
            TokenError::Model(found) => text!(
                ko: "이 토큰은 다른 모델({found})의 것입니다.",
                en: "This token belongs to another model ({found})."
            ),
            TokenError::Version { found, have } => text!(
                ko: "토큰의 모델 버전은 {found}인데 이 프로그램의 버전은 {have}입니다. 같은 버전의 워크북에서 여십시오.",
                en: "The token is of model version {found}, this build has version {have}. Open it with the workbook that made it."
            ),
            TokenError::Damaged => Text::fixed(
                "토큰이 손상되었습니다. 글자가 빠졌거나 바뀌었습니다. 링크를 다시 복사하십시오.",
                "The token is damaged: letters were lost or changed. Copy the link again.",
            ),
            TokenError::Scenario(problems) => {
                let ko = problems.iter().map(|p| p.text().ko.into_owned()).collect::<Vec<_>>().join("\n");
                let en = problems.iter().map(|p| p.text().en.into_owned()).collect::<Vec<_>>().join("\n");
                Text { ko: ko.into(), en: en.into() }
            }
        }
    }
}

impl<M: Model> Token<M> {
    /// The token of a scenario at a cursor.
    pub fn new(scenario: Valid<M>, cursor: Nanos) -> Self {
        Token { scenario, cursor }
    }

    /// Reads a token of this model.
    ///
    /// # Errors
    /// Any text that [`Token`]'s `Display` did not write for this model and version.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let body = unseal(text, M::NAME, M::VERSION)?;
        let (scenario, cursor): (M::Scenario, Nanos) =
            postcard::from_bytes(body.get(4..).unwrap_or_default()).map_err(|_| TokenError::Damaged)?;
        let scenario = Valid::new(scenario).map_err(TokenError::Scenario)?;
        Ok(Token { scenario, cursor })
    }
}

/// The bytes of a token of this model and version: the sum, then what it is over.
fn unseal(text: &str, name: &str, have: u32) -> Result<Vec<u8>, TokenError> {
    if text.len() > MAX_TOKEN {
        return Err(TokenError::Shape);
    }
    let mut parts = text.trim().splitn(3, '.');
    let (Some(model), Some(version), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(TokenError::Shape);
    };
    if model != name {
        return Err(TokenError::Model(model.to_owned()));
    }
    if version != have.to_string() {
        return Err(TokenError::Version { found: version.to_owned(), have });
    }
    let bytes = base64::decode(body).ok_or(TokenError::Damaged)?;
    let (sum, rest) = bytes.split_first_chunk::<4>().ok_or(TokenError::Damaged)?;
    if crc32(rest).to_le_bytes() == *sum { Ok(bytes) } else { Err(TokenError::Damaged) }
}

fn seal(name: &str, version: u32, body: &[u8]) -> String {
    let mut bytes = crc32(body).to_le_bytes().to_vec();
    bytes.extend_from_slice(body);
    format!("{name}.{version}.{}", base64::encode(&bytes))
}

impl<M: Model> fmt::Display for Token<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario: &M::Scenario = &self.scenario;
        let body = postcard::to_allocvec(&(scenario, self.cursor)).map_err(|_| fmt::Error)?;
        f.write_str(&seal(M::NAME, M::VERSION, &body))
    }
}

/// CRC-32 as in zip and PNG, bit by bit: a token is short, and the tables of a fast one are 16 KB
/// that no page's compression makes smaller.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_sum_is_the_one_everyone_calls_crc_32() {
        for (text, want) in [("", 0), ("123456789", 0xcbf4_3926), ("부하 평균", 0x0bca_c0d4)] {
            assert_eq!(crc32(text.as_bytes()), want, "{text:?}");
        }
    }
}
