-- Payments: one transaction number is one row. The same row again is a duplicate (fault 20); the same number with
-- another content is set aside.
CREATE TEMP TABLE payment_rows AS
SELECT i.city, i.campaign_year, i.feed, i.batch_key, i.line_no, p.person_key,
       CASE WHEN i.payer <> i.person THEN q.person_key END AS payer_key,
       i.name_hash, i.txn_no, i.original_txn_no, coalesce(i.entry_type, 'payment') AS entry_type, i.channel,
       i.tier AS declared_tier, i.amount AS amount_fen, i.due_amount AS asked_fen,
       coalesce(i.is_partial = 'yes', FALSE) AS is_partial_debit, i.paid_at, i.is_time_known, i.settled_on, i.order_no
FROM in_payment i
JOIN person_map p ON p.pseudonym = i.person
LEFT JOIN person_map q ON q.pseudonym = i.payer;

INSERT INTO dispositions
WITH repeated AS (
    SELECT city, feed, txn_no FROM payment_rows GROUP BY ALL HAVING count(*) > 1
), placed AS (
    SELECT r.batch_key, r.line_no, r.amount_fen,
           row_number() OVER numbered AS place,
           concat_ws('|', r.person_key, r.entry_type, r.channel, r.amount_fen, r.paid_at, r.original_txn_no) AS content,
           first_value(concat_ws('|', r.person_key, r.entry_type, r.channel, r.amount_fen, r.paid_at,
                                 r.original_txn_no)) OVER numbered AS first_content
    FROM payment_rows r JOIN repeated USING (city, feed, txn_no)
    WINDOW numbered AS (PARTITION BY r.city, r.feed, r.txn_no ORDER BY r.batch_key, r.line_no)
)
SELECT batch_key, line_no,
       CASE WHEN content = first_content THEN 'duplicate' ELSE 'set_aside' END,
       CASE WHEN content = first_content THEN NULL ELSE 'txn_conflict' END,
       amount_fen
FROM placed WHERE place > 1;

CREATE TEMP TABLE payments_kept AS SELECT * FROM payment_rows ANTI JOIN dispositions USING (batch_key, line_no);
DROP TABLE payment_rows;

INSERT INTO raw_payments BY NAME
SELECT city, campaign_year, batch_key, line_no, person_key, payer_key, txn_no, channel, declared_tier, amount_fen,
       asked_fen, paid_at, is_time_known, settled_on, order_no, is_partial_debit, name_hash
FROM payments_kept WHERE entry_type = 'payment';

-- A deposit is a funding event, whatever list it stands in (H8, fault 30): its amount goes no further.
INSERT INTO raw_funding_events BY NAME
SELECT city, batch_key, line_no, person_key, 'bank' AS origin, CAST(paid_at AS DATE) AS occurred_on, TRUE AS is_funded
FROM payments_kept WHERE entry_type = 'deposit';

-- Orders: every reported state; an exact repetition is a duplicate.
CREATE TEMP TABLE order_rows AS
SELECT i.city, i.campaign_year, i.feed, i.batch_key, i.line_no, p.person_key,
       CASE WHEN i.payer <> i.person THEN q.person_key END AS payer_key,
       i.name_hash, i.order_no, i.channel, i.tier AS declared_tier, i.amount AS amount_fen, i.state, i.created_at,
       i.paid_at, i.bank_ref
FROM in_order i
JOIN person_map p ON p.pseudonym = i.person
LEFT JOIN person_map q ON q.pseudonym = i.payer;

INSERT INTO dispositions
WITH repeated AS (
    SELECT city, feed, order_no FROM order_rows GROUP BY ALL HAVING count(*) > 1
)
SELECT batch_key, line_no, 'duplicate', NULL, amount_fen
FROM (
    SELECT r.batch_key, r.line_no, r.amount_fen,
           row_number() OVER (PARTITION BY r.city, r.feed, r.order_no, r.state, r.person_key, r.amount_fen,
                              r.created_at, r.paid_at, r.bank_ref ORDER BY r.batch_key, r.line_no) AS place
    FROM order_rows r JOIN repeated USING (city, feed, order_no)
) WHERE place > 1;

INSERT INTO raw_orders BY NAME
SELECT city, campaign_year, batch_key, line_no, person_key, payer_key, order_no, channel, declared_tier, amount_fen,
       state, created_at, paid_at, bank_ref, name_hash
FROM order_rows ANTI JOIN dispositions USING (batch_key, line_no);

CREATE TEMP TABLE orders_latest AS
SELECT o.*, c.as_of_on,
       CASE WHEN o.state = 'pending' AND CAST(o.created_at AS DATE) < c.as_of_on THEN 'void' ELSE o.state END
           AS state_as_of  -- W8: an unpaid order is void the day after it was made
FROM (
    -- Every feed counts its own orders: equal numbers of two feeds are two orders. Repetitions count here: a state that
    -- is told again after another one is the newest word.
    SELECT * FROM order_rows
    QUALIFY row_number() OVER (PARTITION BY city, feed, order_no ORDER BY batch_key DESC, line_no DESC) = 1
) o
JOIN meta_cities c USING (city);

INSERT INTO core_orders BY NAME
SELECT city, campaign_year, batch_key, line_no, person_key, order_no, channel, amount_fen, created_at,
       state_as_of AS state
FROM orders_latest;

-- Registers: one place a person and campaign. The newest registration stays.
CREATE TEMP TABLE enrolment_rows AS
SELECT i.city, i.campaign_year, i.batch_key, i.line_no, p.person_key, i.psn_hash, i.division AS division_code,
       i.category, i.membership, i.enrolled_on, i.name_hash
FROM in_enrolment i JOIN person_map p ON p.pseudonym = i.person;

INSERT INTO dispositions
WITH repeated AS (
    SELECT city, campaign_year, person_key FROM enrolment_rows GROUP BY ALL HAVING count(*) > 1
)
SELECT batch_key, line_no, 'duplicate', NULL, NULL
FROM (
    SELECT r.batch_key, r.line_no,
           row_number() OVER (PARTITION BY r.city, r.campaign_year, r.person_key
                              ORDER BY r.enrolled_on DESC, r.division_code, r.batch_key, r.line_no) AS place
    FROM enrolment_rows r JOIN repeated USING (city, campaign_year, person_key)
) WHERE place > 1;

INSERT INTO raw_enrolments BY NAME SELECT * FROM enrolment_rows ANTI JOIN dispositions USING (batch_key, line_no);
DROP TABLE enrolment_rows;

-- Cards: exact repetitions are duplicates; activated before issued is set aside, judged after all files are merged
-- (fault 33). A missing issue is unknown, not wrong.
CREATE TEMP TABLE card_rows AS
SELECT i.city, i.batch_key, i.line_no, p.person_key, i.event, i.occurred_on, i.card_channel, i.is_funded
FROM in_card_event i JOIN person_map p ON p.pseudonym = i.person;

INSERT INTO dispositions
WITH repeated AS (
    SELECT city, person_key, event, occurred_on, card_channel, is_funded FROM card_rows GROUP BY ALL HAVING count(*) > 1
)
SELECT batch_key, line_no, 'duplicate', NULL, NULL
FROM (
    SELECT r.batch_key, r.line_no,
           row_number() OVER (PARTITION BY r.city, r.person_key, r.event, r.occurred_on, r.card_channel, r.is_funded
                              ORDER BY r.batch_key, r.line_no) AS place
    FROM card_rows r JOIN repeated
      ON r.city = repeated.city AND r.person_key = repeated.person_key AND r.event = repeated.event
     AND r.occurred_on = repeated.occurred_on AND r.card_channel IS NOT DISTINCT FROM repeated.card_channel
     AND r.is_funded IS NOT DISTINCT FROM repeated.is_funded
) WHERE place > 1;

INSERT INTO dispositions
SELECT a.batch_key, a.line_no, 'set_aside', 'card_event_order', NULL
FROM card_rows a
JOIN (SELECT city, person_key, min(occurred_on) AS issued_on FROM card_rows WHERE event = 'issued' GROUP BY ALL) i
  USING (city, person_key)
ANTI JOIN dispositions USING (batch_key, line_no)
WHERE a.event = 'activated' AND a.occurred_on < i.issued_on;

CREATE TEMP TABLE cards_kept AS SELECT * FROM card_rows ANTI JOIN dispositions USING (batch_key, line_no);
DROP TABLE card_rows;

INSERT INTO raw_card_events BY NAME
SELECT city, batch_key, line_no, person_key, event, occurred_on, card_channel FROM cards_kept WHERE event <> 'funding';

INSERT INTO raw_funding_events BY NAME
SELECT city, batch_key, line_no, person_key, 'card' AS origin, occurred_on, is_funded = 'yes' AS is_funded
FROM cards_kept WHERE is_funded IS NOT NULL OR event = 'funding';

INSERT INTO core_cards BY NAME
SELECT city, person_key, applied_on, issued_on, activated_on, signed_on, card_channel,
       CASE WHEN activated_on IS NOT NULL THEN 'activated'
            WHEN issued_on IS NOT NULL THEN 'issued'
            WHEN applied_on IS NOT NULL THEN 'applied'
            ELSE 'none' END AS card_state,
       activated_on IS NOT NULL AND issued_on IS NULL AS is_issue_unknown,
       is_funded
FROM (
    SELECT city, person_key,
           min(occurred_on) FILTER (event = 'applied') AS applied_on,
           min(occurred_on) FILTER (event = 'issued') AS issued_on,
           min(occurred_on) FILTER (event = 'activated') AS activated_on,
           min(occurred_on) FILTER (event = 'sms_signed') AS signed_on,
           min(card_channel) FILTER (event IN ('applied', 'issued')) AS card_channel
    FROM raw_card_events GROUP BY ALL
)
FULL JOIN (
    -- The newest word about money on the card; on one day, yes wins.
    SELECT city, person_key, arg_max(is_funded, (occurred_on, is_funded)) AS is_funded
    FROM raw_funding_events WHERE is_funded IS NOT NULL GROUP BY ALL
) USING (city, person_key);

-- The rest has nothing to be merged against but itself.
INSERT INTO raw_not_due BY NAME
SELECT i.city, i.campaign_year, i.batch_key, i.line_no, p.person_key, i.reason, i.since_on
FROM in_not_due i JOIN person_map p ON p.pseudonym = i.person;

-- Assistance: an exact repetition is a duplicate, or the same help would be counted twice.
CREATE TEMP TABLE assisted_rows AS
SELECT i.city, i.campaign_year, i.batch_key, i.line_no, p.person_key, i."group" AS assistance_group,
       i.amount AS amount_fen, i.paid_on
FROM in_assisted i JOIN person_map p ON p.pseudonym = i.person;

INSERT INTO dispositions
SELECT batch_key, line_no, 'duplicate', NULL, amount_fen
FROM (
    SELECT *, row_number() OVER (PARTITION BY city, campaign_year, person_key, assistance_group, amount_fen, paid_on
                                 ORDER BY batch_key, line_no) AS place
    FROM assisted_rows
) WHERE place > 1;

INSERT INTO raw_assisted BY NAME SELECT * FROM assisted_rows ANTI JOIN dispositions USING (batch_key, line_no);

INSERT INTO raw_receipts BY NAME
SELECT city, campaign_year, batch_key, line_no, received_on, channel, amount AS amount_fen, payments FROM in_receipt;

INSERT INTO raw_stays BY NAME
SELECT i.city, i.batch_key, i.line_no, p.person_key, i.admitted_on, i.discharged_on,
       CAST(i.level AS SMALLINT) AS hospital_level, i.cost AS cost_fen, i.in_scope_cost AS in_scope_cost_fen,
       i.fund_paid AS fund_paid_fen, i.settled_on
FROM in_stay i JOIN person_map p ON p.pseudonym = i.person;

-- A bureau's own rule: residents, arrived, not reversed, and the accrual period overlaps the benefit year.
INSERT INTO raw_platform_payments BY NAME
SELECT city, campaign_year, batch_key, line_no, psn_hash, amount AS amount_fen, subsidy AS subsidy_fen, paid_at,
       insurance_type = 'residents' AND is_arrived = 'yes' AND is_normal = 'yes'
           AND accrual_from_on <= make_date(campaign_year, 12, 31) AND accrual_to_on >= make_date(campaign_year, 1, 1)
           AS is_counted,
       accrual_from_on, accrual_to_on
FROM (
    SELECT *, CAST(try_strptime(accrual_from || '01', '%Y%m%d') AS DATE) AS accrual_from_on,
           last_day(CAST(try_strptime(accrual_to || '01', '%Y%m%d') AS DATE)) AS accrual_to_on
    FROM in_platform_payment
);
