-- Accounts: who may sign in, as what, from which devices; and what is on its way to them.
-- Tokens are kept as digests only. version is the entity tag of an account.
CREATE TABLE accounts (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NULL UNIQUE REFERENCES persons (id),
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 150),
    language TEXT NOT NULL CHECK (language IN ('id', 'en')),
    status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    password_hash TEXT NOT NULL,
    totp_secret TEXT NULL,
    totp_confirmed_at TIMESTAMPTZ NULL,
    totp_last_step BIGINT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    CHECK (totp_confirmed_at IS NULL OR totp_secret IS NOT NULL)
);

CREATE TABLE account_roles (
    account UUID NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL CHECK (role IN ('coachee', 'coach', 'agency_admin', 'national_admin', 'auditor')),
    agency TEXT COLLATE "C" NULL REFERENCES agencies (code),
    PRIMARY KEY (account, role),
    CHECK ((role = 'agency_admin') = (agency IS NOT NULL))
);
CREATE INDEX account_roles_by_agency ON account_roles (agency);

CREATE TABLE recovery_codes (
    account UUID NOT NULL REFERENCES accounts (id),
    code_digest TEXT COLLATE "C" NOT NULL,
    used_at TIMESTAMPTZ NULL,
    PRIMARY KEY (account, code_digest)
);

-- A device that has signed in. Its refresh tokens replace each other; one that is used again
-- after it was replaced ends them all.
CREATE TABLE sign_ins (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES accounts (id),
    label TEXT NOT NULL CHECK (length(label) <= 80),
    second_factor BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NULL
);
CREATE INDEX sign_ins_by_account ON sign_ins (account);
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at);

CREATE TABLE refresh_tokens (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sign_in UUID NOT NULL REFERENCES sign_ins (id),
    created_at TIMESTAMPTZ NOT NULL,
    replaced_at TIMESTAMPTZ NULL,
    replaced_by TEXT COLLATE "C" NULL,
    CHECK ((replaced_at IS NULL) = (replaced_by IS NULL))
);
CREATE INDEX refresh_tokens_by_sign_in ON refresh_tokens (sign_in);

-- Where an account has signed in before: who guesses from elsewhere cannot lock its owner out there.
CREATE TABLE known_places (
    account UUID NOT NULL REFERENCES accounts (id),
    place TEXT COLLATE "C" NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account, place)
);

-- What is limited, and when it will be free again.
CREATE TABLE rate_limits (
    bucket TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    free_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX rate_limits_by_time ON rate_limits (free_at);

-- Secrets sent by mail or held for a moment, each good for one purpose, once. Without an account
-- those of people who have none yet.
CREATE TABLE tickets (
    id UUID NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('code', 'password_reset', 'sign_up', 'coach_application')),
    account UUID NULL REFERENCES accounts (id),
    digest TEXT COLLATE "C" NOT NULL UNIQUE,
    data JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ NULL
);
CREATE INDEX tickets_by_account ON tickets (account);
CREATE INDEX tickets_by_end ON tickets (expires_at);

CREATE TABLE email_changes (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES accounts (id),
    new_email TEXT COLLATE "C" NOT NULL,
    old_digest TEXT COLLATE "C" NOT NULL UNIQUE,
    new_digest TEXT COLLATE "C" NOT NULL UNIQUE,
    old_confirmed_at TIMESTAMPTZ NULL,
    new_confirmed_at TIMESTAMPTZ NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NULL
);
CREATE UNIQUE INDEX one_email_change ON email_changes (account) WHERE ended_at IS NULL;
CREATE INDEX email_changes_by_account ON email_changes (account);

CREATE TABLE invitations (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 150),
    language TEXT NOT NULL CHECK (language IN ('id', 'en')),
    role TEXT NOT NULL CHECK (role IN ('coachee', 'coach', 'agency_admin', 'national_admin', 'auditor')),
    agency TEXT COLLATE "C" NULL REFERENCES agencies (code),
    person UUID NULL REFERENCES persons (id),
    status TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'withdrawn')),
    digest TEXT COLLATE "C" NOT NULL UNIQUE,
    invited_by UUID NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CHECK (role <> 'agency_admin' OR agency IS NOT NULL)
);
CREATE UNIQUE INDEX one_open_invitation ON invitations (email) WHERE status = 'open';
CREATE INDEX invitations_by_agency ON invitations (agency);
CREATE INDEX invitations_by_person ON invitations (person);
CREATE INDEX invitations_by_inviter ON invitations (invited_by);

-- Who wants to coach and is not an imported coach yet: an admin holds it against the alumni records.
CREATE TABLE coach_applications (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES accounts (id),
    source TEXT NOT NULL CHECK (source IN ('pkn_1', 'pkn_2', 'corporate')),
    batch INTEGER NULL CHECK (batch BETWEEN 0 AND 65535),
    year INTEGER NULL CHECK (year BETWEEN 0 AND 65535),
    certificate_number TEXT NULL,
    agency TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    regency TEXT COLLATE "C" NOT NULL REFERENCES regencies (code),
    motivation TEXT NOT NULL CHECK (length(motivation) <= 2000),
    status TEXT NOT NULL CHECK (status IN ('pending', 'verified', 'rejected')),
    reason TEXT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    coach UUID NULL REFERENCES persons (id),
    decided_by UUID NULL REFERENCES accounts (id),
    decided_at TIMESTAMPTZ NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((status = 'pending') = (decided_at IS NULL)),
    CHECK ((status = 'rejected') = (reason IS NOT NULL)),
    CHECK ((status = 'verified') = (coach IS NOT NULL))
);
CREATE UNIQUE INDEX one_pending_application ON coach_applications (account) WHERE status = 'pending';
CREATE INDEX coach_applications_by_account ON coach_applications (account);
CREATE INDEX coach_applications_by_agency ON coach_applications (agency, status);
CREATE INDEX coach_applications_by_regency ON coach_applications (regency);
CREATE INDEX coach_applications_by_status ON coach_applications (status, id);
CREATE INDEX coach_applications_by_coach ON coach_applications (coach);
CREATE INDEX coach_applications_by_decider ON coach_applications (decided_by);

-- Messages to be sent, by mail to a person or to an address, written with their cause and delivered
-- by a worker. The id is the Message-ID. 'void' is written where an answer must not tell whether
-- there is anybody to write to: the same work, and no mail.
CREATE TABLE outbox (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
    person UUID NULL REFERENCES persons (id),
    address TEXT NULL CHECK (length(address) BETWEEN 3 AND 254),
    language TEXT NULL CHECK (language IN ('id', 'en')),
    data JSON NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sending', 'sent', 'dead', 'void')),
    not_before TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK (person IS NOT NULL OR address IS NOT NULL)
);
CREATE INDEX outbox_by_person ON outbox (person);
CREATE INDEX outbox_queued ON outbox (not_before) WHERE status = 'queued';

-- What was answered to a request with an Idempotency-Key, to be answered again.
CREATE TABLE idempotency_keys (
    owner TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    request_digest TEXT NOT NULL,
    answer JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);
