DROP TABLE request_choices;
DROP TABLE request_focus;
DROP TABLE requests;
DROP TABLE policies;
DROP TABLE cohorts;
