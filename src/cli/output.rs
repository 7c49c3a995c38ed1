//! What commands share in talking to a person: progress bars on a terminal, silence elsewhere.
