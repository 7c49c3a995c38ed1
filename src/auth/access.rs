//! Access tokens: JWTs of a few minutes (RFC 9068), signed with ES256. Only that algorithm, only
//! keys of ours chosen by `kid`, only our issuer and audience; the time is the caller's.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::{Keys, hmac};

/// What stands in `typ`, so that no other kind of token is taken for an access token.
const TYPE: &str = "at+jwt";
/// How far the clocks of our processes may be apart.
const SKEW_SECONDS: i64 = 5;

/// How access tokens are made.
#[derive(Debug, Clone)]
pub struct AccessSettings {
    /// Who issues them.
    pub issuer: String,
    /// For whom.
    pub audience: String,
    /// How long they last.
    pub lifetime: TimeDelta,
}

/// Makes and checks access tokens.
pub struct AccessTokens {
    settings: AccessSettings,
    validation: Validation,
    signing: (String, EncodingKey),
    verifying: Vec<(String, DecodingKey)>,
}

/// A token that was made.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// What a good token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The account.
    pub account: Uuid,
    /// The device that signed in.
    pub sign_in: Uuid,
    /// When the token ends.
    pub expires_at: DateTime<Utc>,
}

/// The token is not one of ours, or not good now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no good access token")]
pub struct BadToken;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl AccessTokens {
    /// Signs with the first key, verifies with all.
    ///
    /// # Panics
    /// When two values of a hash in a row are no numbers of the curve, which nobody will see.
    pub(super) fn new(keys: &Keys, settings: AccessSettings) -> Self {
        let pairs: Vec<_> = keys.derive("access").into_iter().map(|(id, seed)| (id, secret_key(&seed))).collect();
        let der = |key: &SecretKey| key.to_pkcs8_der().expect("a key of the curve");
        let public = |key: &SecretKey| key.public_key().to_encoded_point(false);
        // Times are held against the caller's clock, below.
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        Self {
            settings,
            validation,
            signing: (pairs[0].0.clone(), EncodingKey::from_ec_der(der(&pairs[0].1).as_bytes())),
            verifying: pairs
                .iter()
                .map(|(id, key)| (id.clone(), DecodingKey::from_ec_der(public(key).as_bytes())))
                .collect(),
        }
    }

    /// A token for a device of an account.
    ///
    /// # Errors
    /// When signing fails, which does not happen with keys of ours.
    pub fn issue(&self, account: Uuid, sign_in: Uuid, now: DateTime<Utc>) -> Result<Issued, BadToken> {
        let (kid, key) = &self.signing;
        let expires_at = now + self.settings.lifetime;
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: account,
            sid: sign_in,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let header = Header { typ: Some(TYPE.into()), kid: Some(kid.clone()), ..Header::new(Algorithm::ES256) };
        let token = jsonwebtoken::encode(&header, &claims, key).map_err(|_| BadToken)?;
        Ok(Issued { token, expires_at })
    }

    /// Checks a token.
    ///
    /// # Errors
    /// When anything about it is not right; what, is nobody's business.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Access, BadToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken)?;
        let of_ours = header.typ.as_deref() == Some(TYPE) && header.crit.is_none();
        let key = self.verifying.iter().find(|(id, _)| header.kid.as_deref() == Some(id)).filter(|_| of_ours);
        let (_, key) = key.ok_or(BadToken)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).map_err(|_| BadToken)?.claims;
        let now = now.timestamp();
        if claims.exp <= now || claims.nbf > now + SKEW_SECONDS {
            return Err(BadToken);
        }
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(BadToken)?;
        Ok(Access { account: claims.sub, sign_in: claims.sid, expires_at })
    }
}

/// A number of the curve from a seed: nearly every 32 bytes are one; what is not is hashed again.
fn secret_key(seed: &[u8; 32]) -> SecretKey {
    let tried = SecretKey::from_slice(seed).or_else(|_| SecretKey::from_slice(&hmac(seed, b"again")));
    tried.expect("32 bytes below the order of the curve")
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
