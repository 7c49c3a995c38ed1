//! Files as people send them, read and written.
