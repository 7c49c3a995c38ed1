//! Another code in place of one, as when its person is erased.

use std::io::Cursor;

use super::entries::{Entries, Filled};
use super::{MANIFEST, Manifest, SnapshotError, damaged};
use crate::domain::PersonCode;

/// Where codes stand, a line each.
const LISTS: [&str; 2] = ["coachees/code", "coaches/code"];

/// The same archive with another code in place of one; none when that is not in it. Everybody keeps their position.
///
/// # Errors
/// When it is no such archive.
pub fn recode(archive: &[u8], old: &PersonCode, new: &PersonCode) -> Result<Option<Vec<u8>>, SnapshotError> {
    let mut filled = Filled::new(Cursor::new(archive))?;
    let mut lists = Vec::with_capacity(LISTS.len());
    for name in LISTS {
        lists.push((name, filled.lines(name)?));
    }
    if !lists.iter().any(|(_, lines)| lines.lines().any(|code| code == old.as_str())) {
        return Ok(None);
    }
    let mut entries = Entries::new();
    for (at, name) in filled.names().into_iter().enumerate() {
        if name == MANIFEST {
            let mut manifest: Manifest = serde_json::from_slice(&filled.document(MANIFEST)?).map_err(damaged)?;
            for pair in manifest.pinned.iter_mut().chain(&mut manifest.accepted) {
                for code in [&mut pair.coachee, &mut pair.coach] {
                    if code == old {
                        code.clone_from(new);
                    }
                }
            }
            entries.add(MANIFEST, &serde_json::to_vec_pretty(&manifest).map_err(damaged)?)?;
        } else if let Some((_, lines)) = lists.iter().find(|(list, _)| *list == name) {
            let renamed = lines.lines().map(|code| if code == old.as_str() { new.as_str() } else { code });
            entries.codes(&name, renamed)?;
        } else {
            entries.copy(&mut filled, at)?;
        }
    }
    entries.finish().map(Some)
}
