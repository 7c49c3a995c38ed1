//! Accounts: addresses for mail, names, and the words for where accounts and what is sent to
//! them stand.

/// An address for mail, in lower case, so that one person does not count as two. ASCII only:
/// a domain of other letters is given in its `xn--` form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

/// The text is no address for mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an address for mail such as name@agency.go.id, at most 254 characters")]
pub struct BadEmail;

impl Email {
    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl std::str::FromStr for Email {
    type Err = BadEmail;

    /// Takes what mail servers take in practice: one `@`, a local part of 1 to 64 letters, digits
    /// and `.!#$%&'*+/=?^_{|}~-` without a dot at its ends or two in a row, and a domain of labels.
    fn from_str(text: &str) -> Result<Self, BadEmail> {
        let text = text.trim().to_ascii_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(BadEmail)?;
        let in_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_{|}~-".contains(c);
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let good = text.len() <= 254
            && (1..=64).contains(&local.len())
            && local.chars().all(in_local)
            && local.split('.').all(|part| !part.is_empty())
            && domain.contains('.')
            && domain.split('.').all(is_label);
        if good { Ok(Self(text)) } else { Err(BadEmail) }
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name an account goes by: 1 to 150 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountName(String);

/// The text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a name of 1 to 150 characters on one line")]
pub struct BadName;

impl AccountName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for AccountName {
    type Err = BadName;

    /// White space at the ends is dropped. Control characters and the two line separators of
    /// Unicode are refused: a name is put into the head of a mail.
    fn from_str(text: &str) -> Result<Self, BadName> {
        let text = text.trim();
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        let good = (1..=150).contains(&text.chars().count()) && !text.chars().any(breaks);
        if good { Ok(Self(text.to_owned())) } else { Err(BadName) }
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_enum! {
    /// Whether an account may be used.
    AccountStatus {
        /// It may.
        Active = "active",
        /// An admin has closed it.
        Disabled = "disabled",
    }
}

text_enum! {
    /// What a secret sent by mail, or held for a moment, is good for.
    TicketPurpose {
        /// The password was right; now the one-time code.
        Code = "code",
        /// Choosing a new password.
        PasswordReset = "password_reset",
        /// A coachee of the imported records gets an account.
        SignUp = "sign_up",
        /// An applicant confirms the address and gets an account.
        CoachApplication = "coach_application",
    }
}

text_enum! {
    /// Where an invitation stands.
    InvitationStatus {
        /// Sent, not answered.
        Open = "open",
        /// There is an account now.
        Accepted = "accepted",
        /// Taken back by an admin.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What has become of somebody who says that they are a coachee of the records.
    ClaimStatus {
        /// Waits for an admin.
        Pending = "pending",
        /// An admin knows the address: a link was sent to it.
        Confirmed = "confirmed",
        /// Nothing is sent to the address.
        Refused = "refused",
    }
}

text_enum! {
    /// Where a mail stands.
    MailStatus {
        /// Waits to be sent.
        Queued = "queued",
        /// Is being sent.
        Sending = "sending",
        /// Was handed over.
        Sent = "sent",
        /// Will never be sent; an admin may look why.
        Dead = "dead",
        /// Never to be sent: there was nobody to write to, and the answer must not tell; or it was
        /// overtaken by events before it was sent.
        Void = "void",
    }
}

text_enum! {
    /// What a mail about an account says; each has a template of its own.
    MailKind {
        /// An admin invites; with a link to accept.
        Invitation = "invitation",
        /// A link to choose a new password.
        PasswordReset = "password_reset",
        /// Somebody signed in from where nobody did before.
        NewDevice = "new_device",
        /// The password was changed.
        PasswordChanged = "password_changed",
        /// To the old address: a link to let the account go to the new one.
        EmailChangeFrom = "email_change_from",
        /// To the new address: a link to take the account there.
        EmailChangeTo = "email_change_to",
        /// To the old address: the account has gone.
        EmailChanged = "email_changed",
        /// To a coachee of the records: a link to open the account.
        SignUp = "sign_up",
        /// To an applicant: a link to confirm the address.
        CoachApplication = "coach_application",
        /// To somebody who signs up a second time.
        AccountExists = "account_exists",
        /// To an applicant: welcome as a coach.
        ApplicationVerified = "application_verified",
        /// To an applicant: refused, and why.
        ApplicationRejected = "application_rejected",
        /// An admin offers a role to who has an account; with a link to accept.
        RoleOffered = "role_offered",
        /// The account has a role more.
        RoleGiven = "role_given",
        /// The account has a role less.
        RoleTaken = "role_taken",
        /// The account was closed.
        AccountDisabled = "account_disabled",
        /// The account was opened again.
        AccountEnabled = "account_enabled",
        /// The authenticator was forgotten; all devices are signed out.
        AuthenticatorReset = "authenticator_reset",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b.id", " Budi.Santoso+x@Kemkes.GO.ID ", "o'neil@xn--bcher-kva.example"] {
            assert_eq!(good.parse::<Email>().unwrap().as_str(), good.trim().to_ascii_lowercase());
        }
        let long = format!("{}@b.id", "a".repeat(65));
        let bad = [
            "",
            "a",
            "a@b",
            "@b.id",
            "a@",
            "a@b..id",
            "a@-b.id",
            ".a@b.id",
            "a..b@b.id",
            "a b@b.id",
            "a@b.id\r\nBcc: c@d.id",
            "a@b@c.id",
            "é@b.id",
            "a@bücher.id",
            &long,
        ];
        for bad in bad {
            assert_eq!(bad.parse::<Email>(), Err(BadEmail), "{bad}");
        }
    }

    #[test]
    fn names() {
        assert_eq!(" Ani ".parse::<AccountName>().unwrap().as_str(), "Ani");
        let long = "a".repeat(151);
        for bad in ["", "  ", "a\nb", "a\u{2028}b", "a\0b", &long] {
            assert_eq!(bad.parse::<AccountName>(), Err(BadName), "{bad:?}");
        }
    }
}
