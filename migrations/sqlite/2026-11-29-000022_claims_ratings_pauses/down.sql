DROP TABLE sign_up_claims;
