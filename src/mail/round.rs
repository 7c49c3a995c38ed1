//! A number of messages on their way over several connections, and the books that are kept of it
//! in a thread beside: noting goes on while others are handed over, and what came in the meantime
//! is noted together.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::transport::{BEAT, Clerk, Parcel, Verdict};

/// Messages that are being handed over, shared by all connections.
pub(super) struct Round<'a> {
    pub(super) parcels: &'a [Parcel],
    left: RefCell<VecDeque<usize>>,
    /// Why a connection could not be opened, if one could not.
    away: RefCell<Option<String>>,
    over: Arc<AtomicBool>,
    words: Sender<Word>,
}

/// What came of one message, to be noted.
struct Word {
    at: usize,
    verdict: Verdict,
    noted: oneshot::Sender<bool>,
}

/// Becomes true once what was said is noted.
pub(super) struct Noted(oneshot::Receiver<bool>);

impl Noted {
    /// Whether it was noted; false also when nobody keeps books any more.
    pub(super) async fn wait(self) -> bool {
        self.0.await.unwrap_or(false)
    }
}

/// How long the first thing said waits for what other connections are about to say, to be noted together with it.
const GATHER: Duration = Duration::from_micros(300);

/// The other end: what is said about messages over so many connections, for the clerk.
pub(super) struct Books {
    heard: Receiver<Word>,
    connections: usize,
}

impl<'a> Round<'a> {
    pub(super) fn new(parcels: &'a [Parcel], connections: usize) -> (Self, Books) {
        let (words, heard) = channel();
        let left = RefCell::new((0..parcels.len()).collect());
        let round = Self { parcels, left, away: RefCell::default(), over: Arc::default(), words };
        (round, Books { heard, connections })
    }

    /// By which the clerk ends the round.
    pub(super) fn over(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.over)
    }

    /// The next message to hand over.
    pub(super) fn next(&self) -> Option<usize> {
        if self.is_over() { None } else { self.left.borrow_mut().pop_front() }
    }

    /// Whether no further message is to be handed over.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Leaves a message to another connection.
    pub(super) fn put_back(&self, at: usize) {
        self.left.borrow_mut().push_front(at);
    }

    /// A connection could not be opened.
    pub(super) fn is_away(&self, why: String) {
        *self.away.borrow_mut() = Some(why);
    }

    /// Has noted what came of a message.
    pub(super) fn judge(&self, at: usize, verdict: Verdict) -> Noted {
        // A server may quote the address, which belongs into no log and no list.
        let to = self.parcels[at].envelope.to().first().map(ToString::to_string).unwrap_or_default();
        let without = |text: String| if to.is_empty() { text } else { text.replace(&to, "***") };
        let verdict = match verdict {
            Verdict::Later(why) => Verdict::Later(without(why)),
            Verdict::Refused(why) => Verdict::Refused(without(why)),
            other => other,
        };
        let (noted, answer) = oneshot::channel();
        // When nobody listens any more, waiting for the answer says so.
        let _ = self.words.send(Word { at, verdict, noted });
        Noted(answer)
    }

    /// No connection is left: what no one took was out of reach, or not begun. Ends the books.
    pub(super) fn end(self) {
        let away = self.away.borrow().clone().filter(|_| !self.is_over());
        let left = self.left.take();
        for at in left {
            self.judge(at, away.clone().map_or(Verdict::Untouched, Verdict::Unreached));
        }
    }
}

impl Books {
    /// Lets the clerk note what is said, until all connections are through.
    pub(super) fn keep(self, clerk: &mut dyn Clerk, over: Arc<AtomicBool>) {
        let mut asked = Instant::now();
        loop {
            match self.heard.recv_timeout(BEAT.saturating_sub(asked.elapsed())) {
                Ok(first) => {
                    let words = self.gather(first);
                    let (verdicts, noted): (Vec<_>, Vec<_>) =
                        words.into_iter().map(|word| ((word.at, word.verdict), word.noted)).unzip();
                    let kept = clerk.note(verdicts);
                    if !kept {
                        over.store(true, Ordering::Relaxed);
                    }
                    for noted in noted {
                        // A connection that has nothing more to send does not wait for it.
                        let _ = noted.send(kept);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if asked.elapsed() >= BEAT {
                asked = Instant::now();
                if !clerk.go_on() {
                    over.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    /// The first thing said, and what else is said meanwhile. A connection goes on once its own is noted, so that no
    /// more comes than there are connections, except at the end of a round.
    fn gather(&self, first: Word) -> Vec<Word> {
        let (mut words, since) = (vec![first], Instant::now());
        while words.len() < self.connections
            && let Ok(word) = self.heard.recv_timeout(GATHER.saturating_sub(since.elapsed()))
        {
            words.push(word);
        }
        words.extend(self.heard.try_iter());
        words
    }
}
