//! A file held against the text it should have, without holding either in memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use crate::tabular::hash::Hashed;

/// A file of a result. What it should be is written to it.
pub struct Comparison<'a> {
    name: &'a str,
    file: BufReader<Hashed<File>>,
    /// Lines that are as they should be.
    good_lines: u64,
    /// What is expected and has no line end yet.
    begun: Vec<u8>,
    /// Whether some bytes differ; then lines are compared one by one.
    by_lines: bool,
    /// What was read and is not compared yet.
    read: Vec<u8>,
    difference: Option<String>,
}

impl<'a> Comparison<'a> {
    /// Opens a file.
    ///
    /// # Errors
    /// Those of the system.
    pub fn open(folder: &Path, name: &'a str) -> io::Result<Self> {
        let file = BufReader::with_capacity(1 << 16, Hashed::new(File::open(folder.join(name))?));
        let (begun, read) = Default::default();
        Ok(Self { name, file, good_lines: 0, begun, by_lines: false, read, difference: None })
    }

    /// What is first not as it should be, and the SHA-256 of the file in hex.
    ///
    /// # Errors
    /// Those of the system.
    pub fn finish(mut self) -> io::Result<(Option<String>, String)> {
        let begun = std::mem::take(&mut self.begun);
        self.compare(&begun)?;
        if self.difference.is_none() {
            self.difference = match self.next_line()? {
                Some(line) => Some(self.told(Some(&line), None)),
                None if self.by_lines => Some(format!("{}: the line ends were changed", self.name)),
                None => None,
            };
        }
        io::copy(&mut self.file, &mut io::sink())?;
        Ok((self.difference, self.file.into_inner().finish().1))
    }

    /// Compares whole lines.
    fn compare(&mut self, expected: &[u8]) -> io::Result<()> {
        if self.difference.is_some() {
            return Ok(());
        }
        if !self.by_lines {
            let mut read = Vec::with_capacity(expected.len());
            self.file.by_ref().take(expected.len() as u64).read_to_end(&mut read)?;
            if read == expected {
                self.good_lines += expected.iter().filter(|&&byte| byte == b'\n').count() as u64;
                return Ok(());
            }
            (self.by_lines, self.read) = (true, read);
        }
        for line in expected.split_inclusive(|&byte| byte == b'\n') {
            let found = self.next_line()?;
            if found.as_deref().map(without_end) != Some(without_end(line)) {
                self.difference = Some(self.told(found.as_deref(), Some(line)));
                break;
            }
            self.good_lines += 1;
        }
        Ok(())
    }

    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let line = match self.read.iter().position(|&byte| byte == b'\n') {
            Some(end) => self.read.drain(..=end).collect(),
            None => {
                let mut line = std::mem::take(&mut self.read);
                self.file.read_until(b'\n', &mut line)?;
                line
            }
        };
        Ok(Some(line).filter(|line| !line.is_empty()))
    }

    fn told(&self, found: Option<&[u8]>, expected: Option<&[u8]>) -> String {
        let show = |line: Option<&[u8]>| match line {
            Some(line) => format!("{:?}", String::from_utf8_lossy(without_end(line))),
            None => "the end".to_owned(),
        };
        let line = self.good_lines + 1;
        format!("{}, line {line}: found {}, expected {}", self.name, show(found), show(expected))
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl Write for Comparison<'_> {
    fn write(&mut self, expected: &[u8]) -> io::Result<usize> {
        match expected.iter().rposition(|&byte| byte == b'\n') {
            None => self.begun.extend_from_slice(expected),
            Some(end) => {
                let mut begun = std::mem::take(&mut self.begun);
                if begun.is_empty() {
                    self.compare(&expected[..=end])?;
                } else {
                    begun.extend_from_slice(&expected[..=end]);
                    self.compare(&begun)?;
                }
                self.begun.extend_from_slice(&expected[end + 1..]);
            }
        }
        Ok(expected.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tabular::hash::sha256;

    /// What is found of a file that should say something else, however the latter comes in.
    fn compared(stated: &str, expected: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("f"), stated).unwrap();
        let found = [1, 3, 100].map(|size| {
            let mut comparison = Comparison::open(folder.path(), "f").unwrap();
            expected.as_bytes().chunks(size).for_each(|part| comparison.write_all(part).unwrap());
            let (difference, digest) = comparison.finish().unwrap();
            assert_eq!(digest, sha256(stated.as_bytes()));
            difference
        });
        assert!(found.iter().all(|other| *other == found[0]), "{found:?}");
        found[0].clone()
    }

    #[test]
    fn the_first_difference_is_told() {
        let text = "a,b\n1,2\n3,4\n";
        assert_eq!(compared(text, text), None);
        assert_eq!(compared("", ""), None);
        let told = |stated: &str| compared(stated, text).unwrap();
        assert_eq!(told("a,b\n1,2\n3,5\n"), "f, line 3: found \"3,5\", expected \"3,4\"");
        assert_eq!(told("a,b\n3,4\n1,2\n"), "f, line 2: found \"3,4\", expected \"1,2\"");
        assert_eq!(told("a,b\n1,2\n"), "f, line 3: found the end, expected \"3,4\"");
        assert_eq!(told("a,b\n1,2\n3,4\n5"), "f, line 4: found \"5\", expected the end");
        assert_eq!(told("a,b\n1,2\n3,4\n\n"), "f, line 4: found \"\", expected the end");
        for stated in [text.replace('\n', "\r\n").as_str(), text.trim_end()] {
            assert_eq!(told(stated), "f: the line ends were changed");
        }
        assert_eq!(told("a,b\r\n1,2\r\n9,4\r\n"), "f, line 3: found \"9,4\", expected \"3,4\"");
    }
}
