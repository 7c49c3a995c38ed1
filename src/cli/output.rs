//! What commands share in talking to a person: what a long run is doing, and what came out.

use std::collections::BTreeMap;
use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;

use super::assign::summary;
use crate::domain::Reference;
use crate::matching::certificate::Certificate;
use crate::matching::report::RunFacts;
use crate::matching::summary::Share;
use crate::matching::watch::{Order, Phase, Progress, Watch};

/// Writes to standard output. A reader who has gone (`coachnet … | head`) ends the program quietly,
/// as other programs do; a full disk ends it with exit code 5.
pub(super) fn write(text: Arguments) {
    let Err(why) = std::io::stdout().write_fmt(text) else { return };
    if why.kind() != ErrorKind::BrokenPipe {
        eprintln!("coachnet: standard output: {why}");
        std::process::exit(5);
    }
    std::process::exit(0);
}

/// What a run is doing: a bar on a terminal, lines elsewhere.
pub(super) struct Steps {
    bar: ProgressBar,
    started: Instant,
    /// The step told last, where no bar can be shown.
    told: Mutex<Option<Phase>>,
    /// When to improve no further.
    deadline: Option<Instant>,
}

/// After how long a run without a bar begins to say what it is doing.
const LONG: Duration = Duration::from_secs(10);
/// Steps of the bar.
const WHOLE: f64 = 1000.0;

impl Steps {
    pub fn new(patience: Option<Duration>) -> Self {
        let style = ProgressStyle::with_template("{msg:44} {bar:30} {percent:>3} %  {elapsed}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(WHOLE as u64).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(200));
        let started = Instant::now();
        Self { bar, started, told: Mutex::default(), deadline: patience.map(|patience| started + patience) }
    }

    /// Runs something long, showing how far it is: on a terminal as a bar, elsewhere by a line for each step once it takes long.
    pub fn watch<T>(&self, long: impl FnOnce(Watch) -> T) -> T {
        let done = long(Watch(&|progress| self.show(progress)));
        self.bar.finish_and_clear();
        done
    }

    /// Writes a line for a new step where no bar can be shown. What is soon over says nothing.
    fn tell(&self, phase: Phase, step: &str) {
        let since = self.started.elapsed();
        if self.bar.is_hidden() && since > LONG && self.told.lock().replace(phase) != Some(phase) {
            eprintln!("{:6.0} s  {step}", since.as_secs_f64());
        }
    }

    fn show(&self, progress: Progress) -> Order {
        let what = match progress.phase {
            Phase::Lists => "looking for each coachee's best coaches".to_owned(),
            Phase::Start => "finding a plan to start from".to_owned(),
            Phase::Solve(round) => format!("solving, round {round}"),
            Phase::Price(round) => format!("holding prices against all pairs, round {round}"),
            Phase::Certify => "checking the result".to_owned(),
            Phase::Explain => "finding the reasons of those who wait".to_owned(),
        };
        let gap = progress.gap.map(|gap| format!(", gap {:.4} %", gap * 100.0)).unwrap_or_default();
        let step = what + &gap;
        self.tell(progress.phase, &step);
        self.bar.set_message(step);
        self.bar.set_position((progress.done * WHOLE) as u64);
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Order::Conclude,
            _ => Order::GoOn,
        }
    }
}

/// What came out of a run, for a person: the proof, who has a coach and where, why others wait.
pub(super) fn print_outcome(certificate: &Certificate, facts: &RunFacts, reference: &Reference) {
    let run = &facts.summary;
    say_on!("{}", summary(certificate));
    let share = |share: Share| format!("{:>7} of {:>7}  {:>5.1} %", share.matched, share.coachees, share.percent());
    say!("\nwith a coach           {}", share(run.all));
    say!("  in remote areas      {}", share(run.remote));
    say!("  elsewhere            {}", share(run.other));
    say!(
        "coaches {}, free places {}, idle coaches {}; mean score {:.1} %, {} pairs across agencies",
        run.coaches,
        run.places,
        run.idle_coaches,
        run.mean_score_permille as f64 / 10.0,
        run.cross_agency
    );
    say!("\nper province");
    for province in reference.provinces() {
        if let Some(&found) = run.provinces.get(province.code.as_str()) {
            say!("  {} {:<28} {}", province.code, province.name_id, share(found));
        }
    }
    counts("\nwhy people wait", &run.reasons);
    counts("of those with no eligible coach, the rule that alone keeps most coaches away", &run.main_rules);
}

fn counts<K: std::fmt::Display>(title: &str, counts: &BTreeMap<K, u32>) {
    if counts.is_empty() {
        return;
    }
    say!("{title}");
    for (key, count) in counts {
        say!("  {:<20} {count:>7}", key.to_string());
    }
}
