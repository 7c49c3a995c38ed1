use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};

use super::*;

const OLD: &str = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

fn tokens(keys: &[&str]) -> AccessTokens {
    let settings = AccessSettings { issuer: "us".into(), audience: "us-api".into(), lifetime: TimeDelta::minutes(10) };
    AccessTokens::new(&Keys::parse(keys.iter().copied()).unwrap(), settings)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// A token with a header and claims of the attacker's choice, but signed with our key.
fn signed(header: Value, claims: Value) -> String {
    let part = |value: &Value| B64.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    let key = secret_key(&Keys::parse([OLD]).unwrap().derive("access")[0].1);
    let key = EncodingKey::from_ec_der(key.to_pkcs8_der().unwrap().as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::ES256).unwrap();
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({ "alg": "ES256", "typ": "at+jwt", "kid": "old" })
}

fn claims() -> Value {
    let id = Uuid::nil();
    let time = now().timestamp();
    json!({ "iss": "us", "aud": "us-api", "sub": id, "sid": id, "iat": time, "nbf": time, "exp": time + 600 })
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}

fn without(mut object: Value, key: &str) -> Value {
    object.as_object_mut().unwrap().remove(key);
    object
}

#[test]
fn a_token_holds_for_its_time() {
    let tokens = tokens(&[OLD]);
    let (account, sign_in) = (Uuid::now_v7(), Uuid::now_v7());
    let issued = tokens.issue(account, sign_in, now()).unwrap();
    let expires_at = now() + TimeDelta::minutes(10);
    assert_eq!(issued.expires_at, expires_at);
    assert_eq!(tokens.verify(&issued.token, now()), Ok(Access { account, sign_in, expires_at }));
    assert!(tokens.verify(&issued.token, expires_at - TimeDelta::seconds(1)).is_ok());
    assert_eq!(tokens.verify(&issued.token, expires_at), Err(BadToken));
    assert!(tokens.verify(&issued.token, now() - TimeDelta::seconds(5)).is_ok());
    assert_eq!(tokens.verify(&issued.token, now() - TimeDelta::seconds(6)), Err(BadToken));
}

#[test]
fn keys_are_rotated() {
    let old = tokens(&[OLD]).issue(Uuid::nil(), Uuid::nil(), now()).unwrap().token;
    let new = tokens(&[NEW, OLD]).issue(Uuid::nil(), Uuid::nil(), now()).unwrap().token;
    assert!(tokens(&[NEW, OLD]).verify(&old, now()).is_ok());
    assert!(tokens(&[NEW]).verify(&new, now()).is_ok());
    assert_eq!(tokens(&[NEW]).verify(&old, now()), Err(BadToken));
    assert_eq!(tokens(&[OLD]).verify(&new, now()), Err(BadToken));
}

#[test]
fn the_forge_of_these_tests_makes_good_tokens() {
    assert!(tokens(&[OLD]).verify(&signed(header(), claims()), now()).is_ok());
}

#[test]
fn a_claim_that_is_not_as_ours_is_refused() {
    let time = now().timestamp();
    let wrong = [
        ("iss", json!("them")),
        ("iss", json!(["us", "them"])),
        ("aud", json!("other-api")),
        ("aud", json!(["us-api"])),
        ("exp", json!(time)),
        ("exp", json!(time - 1)),
        ("exp", json!((time + 600).to_string())),
        ("exp", json!(1e300)),
        ("nbf", json!(time + 60)),
        ("nbf", json!("now")),
        ("sub", json!("admin")),
        ("sub", json!(7)),
        ("role", json!("admin")),
    ];
    for (key, value) in wrong {
        let token = signed(header(), with(claims(), key, value.clone()));
        assert_eq!(tokens(&[OLD]).verify(&token, now()), Err(BadToken), "{key} {value}");
    }
    for key in ["iss", "aud", "sub", "sid", "exp", "nbf", "iat"] {
        assert_eq!(tokens(&[OLD]).verify(&signed(header(), without(claims(), key)), now()), Err(BadToken), "no {key}");
    }
}

#[test]
fn a_header_that_is_not_as_ours_is_refused() {
    let wrong = [
        ("typ", json!("JWT")),
        ("typ", json!("refresh+jwt")),
        ("kid", json!("new")),
        ("kid", json!("../old")),
        ("kid", json!(null)),
        ("alg", json!("ES384")),
        ("alg", json!("EdDSA")),
        ("alg", json!("none")),
        ("alg", json!("es256")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
    ];
    for (key, value) in wrong {
        let token = signed(with(header(), key, value.clone()), claims());
        assert_eq!(tokens(&[OLD]).verify(&token, now()), Err(BadToken), "{key} {value}");
    }
    for key in ["typ", "kid", "alg"] {
        assert_eq!(tokens(&[OLD]).verify(&signed(without(header(), key), claims()), now()), Err(BadToken), "no {key}");
    }
}

/// Keys that a token brings along, or says where to fetch, are no keys of ours.
#[test]
fn a_key_inside_the_token_is_not_used() {
    let stranger = secret_key(&[9; 32]);
    let point = stranger.public_key().to_encoded_point(false);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": B64.encode(point.x().unwrap()), "y": B64.encode(point.y().unwrap()) });
    for (key, value) in
        [("jwk", jwk), ("jku", json!("http://127.0.0.1:1/keys")), ("x5u", json!("http://127.0.0.1:1/c"))]
    {
        let message =
            format!("{}.{}", B64.encode(with(header(), key, value).to_string()), B64.encode(claims().to_string()));
        let signing = EncodingKey::from_ec_der(stranger.to_pkcs8_der().unwrap().as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &signing, Algorithm::ES256).unwrap();
        assert_eq!(tokens(&[OLD]).verify(&format!("{message}.{signature}"), now()), Err(BadToken), "{key}");
    }
}

/// `alg: none`, and HMAC with what everybody knows, our public key.
#[test]
fn another_algorithm_is_refused() {
    let public = secret_key(&Keys::parse([OLD]).unwrap().derive("access")[0].1).public_key().to_encoded_point(false);
    for alg in ["none", "None", "NONE", "nOnE"] {
        let message = format!(
            "{}.{}",
            B64.encode(with(header(), "alg", json!(alg)).to_string()),
            B64.encode(claims().to_string())
        );
        for signature in ["", "AA"] {
            assert_eq!(tokens(&[OLD]).verify(&format!("{message}.{signature}"), now()), Err(BadToken));
        }
    }
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let header = Header { typ: Some(TYPE.into()), kid: Some("old".into()), ..Header::new(algorithm) };
        let token = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(public.as_bytes())).unwrap();
        assert_eq!(tokens(&[OLD]).verify(&token, now()), Err(BadToken));
    }
}

#[test]
fn no_changed_byte_goes_unseen() {
    let token = signed(header(), claims());
    for at in 0..token.len() {
        let mut broken = token.clone().into_bytes();
        broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(tokens(&[OLD]).verify(&String::from_utf8(broken).unwrap(), now()), Err(BadToken), "byte {at}");
    }
    for nonsense in
        ["", ".", "..", "...", "a.b.c", &token[..token.len() - 2], &format!("{token}.x"), &format!("{token}A")]
    {
        assert_eq!(tokens(&[OLD]).verify(nonsense, now()), Err(BadToken), "{nonsense}");
    }
}

/// Signatures of the project Wycheproof. The library checks them under our algorithm alone: what is
/// valid under ES256 is taken, everything else refused. Two are good signatures by a key whose JWK
/// names another use for it: ours are not read from JWKs.
#[test]
fn wycheproof_signatures() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../tests/data/wycheproof/json_web_signature_test.json")).unwrap();
    let mut counts = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        let key = group.get("public").or(group.get("private")).unwrap();
        let component = |name: &str| key[name].as_str().unwrap_or_default();
        let decoding = match component("kty") {
            "EC" => DecodingKey::from_ec_components(component("x"), component("y")),
            "RSA" => DecodingKey::from_rsa_components(component("n"), component("e")),
            _ => Ok(DecodingKey::from_secret(&B64.decode(component("k")).unwrap())),
        };
        for test in group["tests"].as_array().unwrap() {
            let jws = test["jws"].as_str().unwrap_or_default();
            let ours = component("alg") == "ES256" && component("crv") == "P-256";
            let taken = decoding.as_ref().is_ok_and(|key| is_signed(jws, key));
            let of_another_use =
                ["rejectWrongUse", "rejectWrongKeyOps"].contains(&test["comment"].as_str().unwrap_or_default());
            let good = ours && test["result"] == "valid" || component("kty") == "EC" && of_another_use;
            assert_eq!(taken, good, "test {}: {}", test["tcId"], test["comment"]);
            assert_eq!(tokens(&[OLD]).verify(jws, now()), Err(BadToken));
            if taken { counts.0 += 1 } else { counts.1 += 1 }
        }
    }
    assert_eq!(counts, (4, 397));
}

/// Whether the signature holds, as our settings of the library see it; the payloads are no claims.
fn is_signed(jws: &str, key: &DecodingKey) -> bool {
    let Ok(header) = jsonwebtoken::decode_header(jws) else { return false };
    let validation = &tokens(&[OLD]).validation;
    if !validation.algorithms.contains(&header.alg) || header.crit.is_some() {
        return false;
    }
    let Some((message, signature)) = jws.rsplit_once('.') else { return false };
    jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::ES256).unwrap_or(false)
}
