DROP INDEX coach_profiles_by_certificate;
DROP TABLE sign_up_claims;
