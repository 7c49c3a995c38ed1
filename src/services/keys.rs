//! What is sealed at rest, brought under the present key.

use super::{ServiceError, ServiceResult, second_factor};
use crate::auth::Vault;
use crate::store::{AccountId, PersonId, Store, accounts, numbers};

/// Looked at in one transaction.
const BATCH: i64 = 1000;

/// How much was sealed with another key and is sealed with the present one now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Identity numbers.
    pub numbers: usize,
    /// Secrets of authenticators.
    pub authenticators: usize,
}

/// Seals everything anew that another key sealed. May end at any time and be begun again; what was done stays done.
/// Afterwards nothing needs the earlier keys.
///
/// # Errors
/// Those of the store, and when something cannot be opened.
pub fn reseal(store: &Store, vault: &Vault) -> ServiceResult<Resealed> {
    let mut done = Resealed::default();
    let mut after: Option<PersonId> = None;
    loop {
        let some = store.write(|db| numbers::reseal(db, after, BATCH))?;
        done.numbers += some.resealed;
        if some.last.is_none() {
            break;
        }
        after = some.last;
    }
    done.authenticators = authenticators(store, vault)?;
    store.write(numbers::forget_old_keys)?;
    Ok(done)
}

fn authenticators(store: &Store, vault: &Vault) -> ServiceResult<usize> {
    let mut resealed = 0;
    let mut after: Option<AccountId> = None;
    loop {
        let (last, some) = store.write(|db| {
            let secrets = accounts::totp_secrets(db, after, BATCH)?;
            let mut some = 0;
            for (account, sealed) in secrets.iter().filter(|(_, sealed)| !vault.is_current(sealed)) {
                let place = second_factor::place(*account);
                let secret = vault.open(sealed, &place);
                let secret = secret.map_err(|why| ServiceError::Internal(format!("the account {account}: {why}")))?;
                accounts::reseal_totp(db, *account, &vault.seal(&secret, &place))?;
                some += 1;
            }
            Ok::<_, ServiceError>((secrets.last().map(|(account, _)| *account), some))
        })?;
        resealed += some;
        if last.is_none() {
            return Ok(resealed);
        }
        after = last;
    }
}
