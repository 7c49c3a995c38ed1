DROP TABLE run_prices;
DROP TABLE run_waiting;
DROP TABLE proposed_pairs;
DROP TABLE runs;
