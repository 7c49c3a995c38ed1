DROP INDEX audit_by_action;
DROP INDEX audit_by_kind;
DROP INDEX pairings_by_agency_and_start;
DROP INDEX offers_by_agency_and_asking;
DROP INDEX offers_by_asking;
DROP INDEX requests_by_agency_and_change;
DROP INDEX requests_by_change;
