-- Everyone who appears anywhere, numbered in the order of their pseudonyms: the same set gives the same keys.
CREATE TEMP TABLE person_map AS
SELECT pseudonym, CAST(row_number() OVER (ORDER BY pseudonym) AS INTEGER) AS person_key, birth_year
FROM (
    SELECT pseudonym, CAST(max(birth_year) AS SMALLINT) AS birth_year
    FROM (
        SELECT person AS pseudonym, birth_year FROM in_enrolment
        UNION ALL SELECT person, birth_year FROM in_payment
        UNION ALL SELECT payer, NULL FROM in_payment WHERE payer IS NOT NULL
        UNION ALL SELECT person, birth_year FROM in_order
        UNION ALL SELECT payer, NULL FROM in_order WHERE payer IS NOT NULL
        UNION ALL SELECT person, birth_year FROM in_card_event
        UNION ALL SELECT person, birth_year FROM in_not_due
        UNION ALL SELECT person, birth_year FROM in_assisted
        UNION ALL SELECT person, birth_year FROM in_stay
    )
    GROUP BY pseudonym
);

INSERT INTO core_persons BY NAME SELECT person_key, pseudonym, birth_year FROM person_map;

-- What the merge decides about single rows; rows without an entry are loaded.
CREATE TEMP TABLE dispositions (batch_key INTEGER, line_no INTEGER, outcome VARCHAR, reason VARCHAR, amount_fen BIGINT);
