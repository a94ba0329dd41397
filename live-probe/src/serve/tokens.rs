//! Who may ask: launch addresses, each good for one session, and the sessions' own tokens.

use std::fmt::Write;
use std::sync::Mutex;

/// 256 bits from the operating system, written as 64 hexadecimal digits.
#[derive(Clone)]
struct Secret([u8; 32]);

impl Secret {
    fn new() -> std::io::Result<Secret> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Secret(bytes))
    }

    fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Exactly 64 hexadecimal digits.
    fn parse(hex: &str) -> Option<Secret> {
        let digits = hex.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
        }
        Some(Secret(bytes))
    }

    /// Takes the same time wherever the first difference is.
    fn same(&self, other: &Secret) -> bool {
        let difference = self.0.iter().zip(&other.0).fold(0, |all, (a, b)| all | (a ^ b));
        std::hint::black_box(difference) == 0
    }
}

/// One reader's session, by number; tokens themselves never leave this file once given out.
pub type Session = u64;

/// The launch addresses that are still unused, and the open sessions.
pub struct Tokens {
    keep: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    launches: Vec<Secret>,
    sessions: Vec<(Session, Secret)>,
    opened: Session,
}

impl Tokens {
    /// None of either; at most `keep` of each, the oldest giving way.
    pub fn new(keep: usize) -> Tokens {
        Tokens { keep, inner: Mutex::default() }
    }

    /// A new launch secret, good once.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn launch(&self) -> std::io::Result<String> {
        let secret = Secret::new()?;
        let hex = secret.hex();
        let launches = &mut self.lock().launches;
        if launches.len() >= self.keep {
            launches.remove(0);
        }
        launches.push(secret);
        Ok(hex)
    }

    /// Trades a launch secret for a session's token; `None` for one that was never given out or
    /// has been used.
    ///
    /// # Errors
    /// The system gives no random bytes; the launch secret stays good.
    pub fn open(&self, launch: &str) -> std::io::Result<Option<String>> {
        let Some(asked) = Secret::parse(launch) else { return Ok(None) };
        let inner = &mut *self.lock();
        let found = inner
            .launches
            .iter()
            .enumerate()
            .fold(None, |found, (i, one)| if one.same(&asked) { Some(i) } else { found });
        let Some(found) = found else { return Ok(None) };
        let secret = Secret::new()?;
        inner.launches.remove(found);
        if inner.sessions.len() >= self.keep {
            inner.sessions.remove(0);
        }
        inner.opened += 1;
        let token = secret.hex();
        inner.sessions.push((inner.opened, secret));
        Ok(Some(token))
    }

    /// The session a token belongs to.
    pub fn session(&self, token: &str) -> Option<Session> {
        let asked = Secret::parse(token)?;
        let inner = self.lock();
        inner.sessions.iter().fold(None, |found, (session, one)| if one.same(&asked) { Some(*session) } else { found })
    }

    /// How many launch secrets and sessions there are; for tests that prove nothing changed.
    #[cfg(test)]
    pub fn counts(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.launches.len(), inner.sessions.len())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launch_secret_is_good_once_and_never_as_a_token() {
        let tokens = Tokens::new(4);
        let launch = tokens.launch().unwrap();
        assert_eq!(launch.len(), 64);
        assert_eq!(tokens.session(&launch), None);
        let token = tokens.open(&launch).unwrap().unwrap();
        assert_ne!(token, launch);
        assert_eq!(tokens.open(&launch).unwrap(), None, "replayed");
        assert_eq!(tokens.open(&token).unwrap(), None, "a token launches nothing");
        assert_eq!(tokens.session(&token), Some(1));
        for wrong in
            ["", "00", &token[..63], &format!("{token}0"), &token.replace(|_: char| true, "0"), "é".repeat(32).as_str()]
        {
            assert_eq!(tokens.session(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_oldest_gives_way() {
        let tokens = Tokens::new(2);
        let launches = [0; 3].map(|_| tokens.launch().unwrap());
        assert_eq!(tokens.open(&launches[0]).unwrap(), None);
        let first = tokens.open(&launches[1]).unwrap().unwrap();
        for _ in 0..2 {
            let launch = tokens.launch().unwrap();
            tokens.open(&launch).unwrap().unwrap();
        }
        assert_eq!(tokens.session(&first), None);
        assert_eq!(tokens.counts(), (1, 2));
    }
}
