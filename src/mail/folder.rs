//! Mail as files in a folder: what happens on a machine where nobody has named a mail server.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::transport::{BEAT, Parcel, Verdict};

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

    pub(super) fn deliver(&self, parcels: &[Parcel], go_on: &mut dyn FnMut() -> bool) -> Vec<Verdict> {
        let mut asked = Instant::now();
        let mut more = true;
        let mut write = |parcel: &Parcel| {
            if asked.elapsed() >= BEAT {
                (asked, more) = (Instant::now(), go_on());
            }
            if !more {
                return Verdict::Untouched;
            }
            match self.write(parcel) {
                Ok(()) => Verdict::Sent,
                Err(why) => Verdict::Unreached(format!("the folder {}: {why}", self.0.display())),
            }
        };
        parcels.iter().map(&mut write).collect()
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
