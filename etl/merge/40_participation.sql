-- One row per person and campaign: everyone on the register, on last year's register, or who paid.
CREATE TEMP TABLE register_campaigns AS SELECT DISTINCT city, campaign_year FROM raw_enrolments;

CREATE TEMP TABLE last_register AS
SELECT e.city, CAST(e.campaign_year + 1 AS SMALLINT) AS campaign_year, e.person_key, e.division_code, e.category
FROM raw_enrolments e
JOIN register_campaigns c ON c.city = e.city AND c.campaign_year = e.campaign_year + 1;

CREATE TEMP TABLE base AS
SELECT coalesce(e.city, l.city) AS city, coalesce(e.campaign_year, l.campaign_year) AS campaign_year,
       coalesce(e.person_key, l.person_key) AS person_key, coalesce(e.division_code, l.division_code) AS division_code,
       coalesce(e.category, l.category) AS category, e.person_key IS NOT NULL AS is_enrolled,
       e.enrolled_on, e.membership AS stated_membership, e.name_hash,
       e.person_key IS NOT NULL OR l.person_key IS NOT NULL AS is_on_a_register
FROM raw_enrolments e
FULL JOIN last_register l
  ON e.city = l.city AND e.campaign_year = l.campaign_year AND e.person_key = l.person_key;

INSERT INTO base BY NAME
SELECT DISTINCT city, campaign_year, person_key, FALSE AS is_enrolled, FALSE AS is_on_a_register
FROM ledger ANTI JOIN base USING (city, campaign_year, person_key);

CREATE TEMP TABLE assistance AS
SELECT city, campaign_year, person_key, min(assistance_group) AS assistance_group, min(paid_on) AS paid_on,
       CAST(sum(amount_fen) AS BIGINT) AS assisted_fen
FROM raw_assisted GROUP BY ALL;

-- Paid in full by others: at least the least premium of the category.
CREATE TEMP TABLE assisted_covers AS
SELECT a.*, f.assistance_channel, (
           SELECT min(p.tier) FROM prices p
           WHERE p.city = a.city AND p.campaign_year = a.campaign_year AND p.category = b.category
             AND p.period = 'on_time' AND p.premium_due_fen = a.assisted_fen) AS tier
FROM assistance a
JOIN base b USING (city, campaign_year, person_key)
JOIN campaign_facts f USING (city, campaign_year)
JOIN (SELECT city, campaign_year, category, min(premium_due_fen) AS least_fen FROM prices WHERE period = 'on_time'
      GROUP BY ALL) least
  ON least.city = a.city AND least.campaign_year = a.campaign_year AND least.category = b.category
WHERE b.is_enrolled AND f.assistance_channel IS NOT NULL AND a.assisted_fen >= least.least_fen;

-- The covering payment: the earliest that counts (ties: reference, then batch and line); never for someone whom others
-- have paid for in full.
CREATE TEMP TABLE covering AS
SELECT l.*, CASE WHEN l.paid_on <= f.deadline_on THEN 'on_time' ELSE 'late' END AS period
FROM ledger l
JOIN base b USING (city, campaign_year, person_key)
JOIN campaign_facts f USING (city, campaign_year)
ANTI JOIN assisted_covers USING (city, campaign_year, person_key)
WHERE b.is_enrolled AND l.net_fen > 0 AND NOT l.is_on_void_order
QUALIFY row_number() OVER (PARTITION BY l.city, l.campaign_year, l.person_key ORDER BY l.paid_at, l.reference,
                           l.batch_key, l.line_no) = 1;

CREATE TEMP TABLE covers AS
SELECT city, campaign_year, person_key FROM covering
UNION ALL SELECT city, campaign_year, person_key FROM assisted_covers;

CREATE TEMP TABLE first_covers AS
SELECT city, person_key, min(campaign_year) AS first_year FROM covers GROUP BY ALL;

CREATE TEMP TABLE cover_campaigns AS SELECT DISTINCT city, campaign_year FROM covers;

CREATE TEMP TABLE person_orders AS
SELECT city, campaign_year, person_key, bool_or(state = 'pending') AS has_pending,
       bool_or(state IN ('void', 'cancelled')) AS has_void,
       arg_max(state, (created_at, order_no)) AS order_state
FROM core_orders GROUP BY ALL;

CREATE TEMP TABLE paid_twice AS
SELECT l.city, l.campaign_year, l.person_key, CAST(sum(l.net_fen) AS BIGINT) AS refund_due_fen
FROM ledger l
JOIN covers USING (city, campaign_year, person_key)
ANTI JOIN covering USING (batch_key, line_no)
WHERE l.net_fen > 0 AND NOT l.is_on_void_order GROUP BY ALL;

-- The facts that the rules of the policy are asked about, and everything that is known beside them.
CREATE TEMP TABLE facts AS
SELECT row_number() OVER () - 1 AS row_no, b.*, m.birth_year,
       n.reason AS not_due_reason,
       a.assistance_group, a.assisted_fen,
       c.person_key IS NOT NULL OR s.person_key IS NOT NULL AS is_paid,
       s.person_key IS NOT NULL AS is_assisted_cover,
       coalesce(CAST(s.paid_on AS TIMESTAMP), c.paid_at) AS paid_at,
       coalesce(s.paid_on, c.paid_on) AS paid_on,
       coalesce(s.assistance_channel, c.channel) AS channel,
       CASE WHEN s.person_key IS NOT NULL THEN 'assistance'
            WHEN c.person_key IS NULL THEN NULL
            WHEN c.payer_key IS NULL THEN 'self' ELSE 'other' END AS payer_relation,
       c.reference,
       CASE WHEN s.person_key IS NOT NULL THEN s.tier ELSE coalesce(c.declared_tier, (
           SELECT min(p.tier) FROM prices p
           WHERE p.city = c.city AND p.campaign_year = c.campaign_year AND p.category = b.category
             AND p.period = c.period AND p.premium_due_fen = c.net_fen + coalesce(a.assisted_fen, 0))) END AS tier,
       c.net_fen AS paid_fen,
       c.name_hash <> b.name_hash AS is_name_different,
       t.refund_due_fen,
       o.order_state, o.has_pending, o.has_void,
       previous.person_key IS NOT NULL AS is_cover_last_year,
       lastc.city IS NOT NULL AS has_last_campaign,
       firsts.first_year < b.campaign_year AS is_cover_earlier,
       EXISTS (SELECT 1 FROM cover_campaigns h WHERE h.city = b.city AND h.campaign_year < b.campaign_year)
           AS has_history
FROM base b
JOIN person_map m USING (person_key)
LEFT JOIN (SELECT city, campaign_year, person_key, min(reason) AS reason FROM raw_not_due GROUP BY ALL) n
  USING (city, campaign_year, person_key)
LEFT JOIN assistance a USING (city, campaign_year, person_key)
LEFT JOIN assisted_covers s USING (city, campaign_year, person_key)
LEFT JOIN covering c USING (city, campaign_year, person_key)
LEFT JOIN paid_twice t USING (city, campaign_year, person_key)
LEFT JOIN person_orders o USING (city, campaign_year, person_key)
LEFT JOIN covers previous
  ON previous.city = b.city AND previous.campaign_year = b.campaign_year - 1 AND previous.person_key = b.person_key
LEFT JOIN cover_campaigns lastc ON lastc.city = b.city AND lastc.campaign_year = b.campaign_year - 1
LEFT JOIN first_covers firsts ON firsts.city = b.city AND firsts.person_key = b.person_key;

ALTER TABLE facts ADD COLUMN membership VARCHAR;
UPDATE facts SET membership = CASE
    WHEN stated_membership = 'first' THEN 'first'
    WHEN NOT has_history THEN coalesce(stated_membership, 'unknown')
    WHEN is_cover_last_year THEN 'continuing'
    WHEN NOT has_last_campaign AND coalesce(stated_membership, 'continuing') = 'continuing' THEN 'unknown'
    WHEN is_cover_earlier OR stated_membership = 'continuing' THEN 'returned'
    ELSE 'first' END;
