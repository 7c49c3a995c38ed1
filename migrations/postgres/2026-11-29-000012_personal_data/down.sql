DROP TABLE data_requests;
DROP TABLE consents;
DROP TABLE sealing_keys;
DROP TABLE identity_numbers;
DROP TABLE audit_head;
DROP INDEX audit_unsealed;
DROP INDEX audit_sequence;
ALTER TABLE audit DROP COLUMN digest;
ALTER TABLE audit DROP COLUMN sequence;
