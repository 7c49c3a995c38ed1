//! Mail as files in a folder: what happens on a machine where nobody has named a mail server.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::transport::{BEAT, Clerk, Parcel, Verdict};

/// A folder of `.eml` files, named by the id of the letter: in order of time, and never twice. Links
/// in them are secret, so only their owner can read them.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A file is the same however often it is written, so it is enough to note all of them in the end.
    pub(super) fn deliver(&self, parcels: &[Parcel], clerk: &mut dyn Clerk) {
        let (mut asked, mut more) = (Instant::now(), true);
        let mut verdicts = Vec::with_capacity(parcels.len());
        for (at, parcel) in parcels.iter().enumerate() {
            if asked.elapsed() >= BEAT {
                (asked, more) = (Instant::now(), more && clerk.go_on());
            }
            let verdict = match more.then(|| self.write(parcel)) {
                Some(Ok(())) => Verdict::Sent,
                Some(Err(why)) => Verdict::Unreached(format!("the folder {}: {why}", self.0.display())),
                None => Verdict::Untouched,
            };
            verdicts.push((at, verdict));
        }
        clerk.note(verdicts);
    }

    /// The file is there whole or not at all.
    fn write(&self, parcel: &Parcel) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0)?;
        let draft = self.0.join(format!("{}.part", parcel.id));
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&draft)?.write_all(&parcel.bytes)?;
        fs::rename(&draft, self.0.join(format!("{}.eml", parcel.id)))
    }
}
