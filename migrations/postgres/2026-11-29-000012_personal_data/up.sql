-- The chain of the audit log. sequence: the place in the order of sealing, without gaps from 1; none until sealed.
-- digest: over the one before and all of the entry.
ALTER TABLE audit ADD COLUMN sequence BIGINT NULL CHECK (sequence > 0);
ALTER TABLE audit ADD COLUMN digest TEXT NULL CHECK ((digest IS NULL) = (sequence IS NULL));
CREATE UNIQUE INDEX audit_sequence ON audit (sequence);
CREATE INDEX audit_unsealed ON audit (id) WHERE sequence IS NULL;

-- The end of the chain, so that it is seen when the last entries are gone. One row; who seals holds it.
CREATE TABLE audit_head (
    only_row SMALLINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    sequence BIGINT NOT NULL CHECK (sequence >= 0),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    sealed_at TIMESTAMPTZ NULL
);
INSERT INTO audit_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', NULL);

-- Identity numbers, sealed. blind_index: a keyed digest of the digits, by which a number is found and known again.
-- The columns identity_kind and identity_number of persons are of earlier versions, and emptied by `coachnet migrate`.
CREATE TABLE identity_numbers (
    person UUID NOT NULL PRIMARY KEY REFERENCES persons (id),
    kind TEXT NOT NULL CHECK (kind IN ('nip', 'ni_pppk', 'nrp', 'nik')),
    sealed TEXT NOT NULL CHECK (length(sealed) > 20),
    blind_index TEXT NOT NULL CHECK (length(blind_index) = 32),
    UNIQUE (blind_index, kind)
);

-- The keys that something here was sealed with. mark: shows whether another key has the same id.
CREATE TABLE sealing_keys (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 32),
    mark TEXT NOT NULL CHECK (length(mark) = 32)
);

-- What people have agreed to, and taken back. Rows are only ever added; the newest of a purpose counts.
CREATE TABLE consents (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES accounts (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('surveys', 'statistics', 'news')),
    version INTEGER NOT NULL CHECK (version >= 1),
    given BOOLEAN NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX consents_by_account ON consents (account, id);

-- What people ask about their own data: to erase it, or to correct what comes from official records.
-- due_at: when an erasure is carried out unless it is taken back.
CREATE TABLE data_requests (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('erasure', 'correction')),
    status TEXT NOT NULL CHECK (status IN ('open', 'done', 'refused', 'withdrawn')),
    wish TEXT NULL CHECK (length(wish) BETWEEN 1 AND 2000),
    reason TEXT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    answer TEXT NULL CHECK (length(answer) BETWEEN 1 AND 2000),
    due_at TIMESTAMPTZ NULL CHECK ((kind = 'erasure') = (due_at IS NOT NULL)),
    decided_by UUID NULL REFERENCES accounts (id),
    decided_at TIMESTAMPTZ NULL CHECK ((status = 'open') = (decided_at IS NULL)),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX one_open_erasure ON data_requests (account) WHERE kind = 'erasure' AND status = 'open';
CREATE INDEX data_requests_by_account ON data_requests (account);
CREATE INDEX data_requests_by_decider ON data_requests (decided_by);
CREATE INDEX data_requests_open ON data_requests (id) WHERE status = 'open';
