DROP INDEX sign_ins_by_cookie;
ALTER TABLE sign_ins DROP COLUMN cookie_digest;
