-- Of a session that was given up because its time came without a yes: who says that the two met all the same. It was
-- held once the other says so too.
ALTER TABLE sessions ADD COLUMN claimed_by TEXT NULL CHECK (claimed_by IN ('coachee', 'coach'));

-- Mail that is not wanted by an account that belongs to nobody in the records, such as an admin's; that of persons
-- is in mail_refusals.
CREATE TABLE account_mail_refusals (
    account UUID NOT NULL REFERENCES accounts (id),
    class TEXT NOT NULL CHECK (class IN ('reminders', 'nudges', 'surveys', 'digests')),
    refused_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account, class)
);

-- Pairs that have gone quiet are looked for among those that began before a day.
CREATE INDEX pairings_by_start ON pairings (status, started_at, id);
