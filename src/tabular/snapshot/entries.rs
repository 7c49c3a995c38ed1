//! The entries of an archive: documents, lists of codes, and columns of numbers.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{MOST_BYTES, SnapshotError, damaged};

/// Most bytes of a document.
const MOST_DOCUMENT: u64 = 1 << 24;

/// A number of a column.
pub(super) trait Number: Copy {
    /// Its bytes.
    const WIDTH: usize;
    /// One of its bytes, the lowest first.
    fn byte(self, at: usize) -> u8;
    /// The number with one more byte than it had: the lowest came first.
    fn with_byte(self, at: usize, byte: u8) -> Self;
    /// Nothing.
    const ZERO: Self;
}

macro_rules! number {
    ($($name:ty),+) => { $(
        impl Number for $name {
            const WIDTH: usize = size_of::<$name>();
            const ZERO: Self = 0;

            fn byte(self, at: usize) -> u8 {
                self.to_le_bytes()[at]
            }

            fn with_byte(self, at: usize, byte: u8) -> Self {
                let mut bytes = self.to_le_bytes();
                bytes[at] = byte;
                Self::from_le_bytes(bytes)
            }
        }
    )+ };
}

number!(u8, u16, u32, u64);

/// An archive that is being written.
pub(super) struct Entries(ZipWriter<Cursor<Vec<u8>>>);

impl Entries {
    pub fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    /// Adds an entry.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), SnapshotError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.0.start_file(name, options).map_err(damaged)?;
        self.0.write_all(bytes).map_err(damaged)
    }

    /// Adds a column. The lowest bytes of all numbers come first, then the next: so they take the least when
    /// compressed.
    pub fn column<N: Number>(
        &mut self,
        name: &str,
        numbers: impl Iterator<Item = N> + Clone,
    ) -> Result<(), SnapshotError> {
        let mut bytes = Vec::new();
        for at in 0..N::WIDTH {
            bytes.extend(numbers.clone().map(|number| number.byte(at)));
        }
        self.add(name, &bytes)
    }

    /// Adds codes, a line each.
    pub fn codes<'a>(&mut self, name: &str, codes: impl Iterator<Item = &'a str>) -> Result<(), SnapshotError> {
        let mut text = Vec::new();
        for code in codes {
            text.extend_from_slice(code.as_bytes());
            text.push(b'\n');
        }
        self.add(name, &text)
    }

    /// Adds an entry of another archive as it is.
    pub fn copy(&mut self, from: &mut Filled, at: usize) -> Result<(), SnapshotError> {
        self.0.raw_copy_file(from.0.by_index_raw(at).map_err(damaged)?).map_err(damaged)
    }

    /// The archive.
    pub fn finish(self) -> Result<Vec<u8>, SnapshotError> {
        Ok(self.0.finish().map_err(damaged)?.into_inner())
    }
}

/// An archive that is being read.
pub(super) struct Filled<'a>(ZipArchive<Cursor<&'a [u8]>>);

impl<'a> Filled<'a> {
    pub fn new(archive: Cursor<&'a [u8]>) -> Result<Self, SnapshotError> {
        Ok(Self(ZipArchive::new(archive).map_err(damaged)?))
    }

    /// An entry of at most so many bytes.
    fn entry(&mut self, name: &str, most: u64) -> Result<Vec<u8>, SnapshotError> {
        let mut bytes = Vec::new();
        let entry = self.0.by_name(name).map_err(|why| damaged(format!("{name}: {why}")))?;
        entry.take(most + 1).read_to_end(&mut bytes).map_err(|why| damaged(format!("{name}: {why}")))?;
        if bytes.len() as u64 > most {
            return Err(damaged(format!("{name} is longer than it may be")));
        }
        Ok(bytes)
    }

    /// The names of the entries, in order.
    pub fn names(&self) -> Vec<String> {
        (0..self.0.len()).filter_map(|at| Some(self.0.name_for_index(at)?.ok()?.into_owned())).collect()
    }

    /// A list of codes as it is.
    pub fn lines(&mut self, name: &str) -> Result<String, SnapshotError> {
        String::from_utf8(self.entry(name, MOST_BYTES as u64)?).map_err(damaged)
    }

    /// A document.
    pub fn document(&mut self, name: &str) -> Result<Vec<u8>, SnapshotError> {
        self.entry(name, MOST_DOCUMENT)
    }

    /// A column of so many numbers.
    pub fn column<N: Number>(&mut self, name: &str, count: usize) -> Result<Vec<N>, SnapshotError> {
        let bytes = self.entry(name, (count * N::WIDTH) as u64)?;
        if bytes.len() != count * N::WIDTH {
            return Err(damaged(format!("{name} is shorter than it must be")));
        }
        let mut numbers = vec![N::ZERO; count];
        for (at, plane) in bytes.chunks(count.max(1)).enumerate() {
            for (number, &byte) in numbers.iter_mut().zip(plane) {
                *number = number.with_byte(at, byte);
            }
        }
        Ok(numbers)
    }

    /// So many codes.
    pub fn codes<C: std::str::FromStr>(&mut self, name: &str, count: usize) -> Result<Vec<C>, SnapshotError>
    where
        C::Err: std::fmt::Display,
    {
        let text = self.lines(name)?;
        let codes = text.lines().map(|line| line.parse().map_err(damaged)).collect::<Result<Vec<C>, _>>()?;
        if codes.len() == count { Ok(codes) } else { Err(damaged(format!("{name}: {} of {count}", codes.len()))) }
    }
}
