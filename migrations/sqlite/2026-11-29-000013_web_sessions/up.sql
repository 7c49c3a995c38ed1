-- A browser that is signed in: the digest of the secret in its cookie. Programs have refresh tokens instead.
ALTER TABLE sign_ins ADD COLUMN cookie_digest TEXT NULL;
CREATE UNIQUE INDEX sign_ins_by_cookie ON sign_ins (cookie_digest) WHERE cookie_digest IS NOT NULL;
