INSERT INTO mart_collection BY NAME
SELECT city, campaign_year, town_code, division_code, category, coalesce(tier, '-') AS tier, channel, period, paid_on,
       count(*) AS paid_persons, count(*) FILTER (is_due) AS due_paid_persons, sum(coalesce(paid_fen, 0)) AS paid_fen
FROM core_participation WHERE is_paid GROUP BY ALL;

INSERT INTO mart_progress_daily BY NAME
SELECT m.city, m.campaign_year, m.town_code, m.paid_on, f.deadline_on - m.paid_on AS days_to_deadline,
       sum(m.paid_persons) AS paid_persons, sum(m.due_paid_persons) AS due_paid_persons, sum(m.paid_fen) AS paid_fen
FROM mart_collection m JOIN campaign_facts f USING (city, campaign_year)
GROUP BY ALL;

INSERT INTO mart_channel_daily BY NAME
SELECT city, campaign_year, town_code, category, channel, paid_on, sum(paid_persons) AS paid_persons,
       sum(paid_fen) AS paid_fen
FROM mart_collection GROUP BY ALL;

INSERT INTO mart_tiers BY NAME
SELECT p.city, p.campaign_year, p.town_code, p.category, c.has_tier_choice, p.age_band, coalesce(p.tier, '-') AS tier,
       p.period, count(*) AS paid_persons, sum(coalesce(p.paid_fen, 0)) AS paid_fen
FROM core_participation p JOIN city_categories c USING (city, category)
WHERE p.is_paid GROUP BY ALL;

INSERT INTO mart_coverage BY NAME
WITH counted AS (
    SELECT city, campaign_year, town_code, division_code, category,
           count(*) FILTER (is_enrolled) AS enrolled_persons,
           count(*) FILTER (is_due) AS due_persons,
           count(*) FILTER (is_paid) AS paid_persons,
           count(*) FILTER (is_due AND is_paid AND period = 'on_time') AS due_on_time_persons,
           count(*) FILTER (is_due AND is_paid AND period = 'late') AS due_late_persons,
           count(*) FILTER (is_due AND NOT is_paid) AS due_unpaid_persons,
           count(*) FILTER (is_paid_last_year) AS last_year_paid_persons,
           count(*) FILTER (is_paid_last_year AND is_paid) AS renewed_persons,
           count(*) FILTER (assistance_group IS NOT NULL) AS assisted_persons,
           count(*) FILTER (assistance_group IS NOT NULL AND is_paid) AS assisted_paid_persons
    FROM core_participation WHERE division_code IS NOT NULL GROUP BY ALL
), eligible AS (
    SELECT city, campaign_year, town_code, division_code, category, eligible_persons
    FROM division_eligible JOIN register_campaigns USING (city)
)
SELECT coalesce(c.city, e.city) AS city, coalesce(c.campaign_year, e.campaign_year) AS campaign_year,
       coalesce(c.town_code, e.town_code) AS town_code, coalesce(c.division_code, e.division_code) AS division_code,
       coalesce(c.category, e.category) AS category, coalesce(e.eligible_persons, 0) AS eligible_persons,
       coalesce(enrolled_persons, 0) AS enrolled_persons, coalesce(due_persons, 0) AS due_persons,
       coalesce(paid_persons, 0) AS paid_persons, coalesce(due_on_time_persons, 0) AS due_on_time_persons,
       coalesce(due_late_persons, 0) AS due_late_persons, coalesce(due_unpaid_persons, 0) AS due_unpaid_persons,
       coalesce(last_year_paid_persons, 0) AS last_year_paid_persons, coalesce(renewed_persons, 0) AS renewed_persons,
       coalesce(assisted_persons, 0) AS assisted_persons, coalesce(assisted_paid_persons, 0) AS assisted_paid_persons
FROM counted c
FULL JOIN eligible e
  ON c.city = e.city AND c.campaign_year = e.campaign_year AND c.division_code = e.division_code
 AND c.category = e.category;

INSERT INTO mart_not_due BY NAME
SELECT city, campaign_year, town_code, not_due_reason AS reason, count(*) AS persons
FROM core_participation WHERE not_due_reason IS NOT NULL GROUP BY ALL;

INSERT INTO mart_blockers BY NAME
SELECT city, campaign_year, town_code, division_code, blocker, count(*) AS persons,
       count(*) FILTER (NOT is_sms_signed) AS sms_unsigned_persons
FROM core_participation WHERE blocker IS NOT NULL GROUP BY ALL;

INSERT INTO mart_card_funnel BY NAME
SELECT e.city, coalesce(c.card_channel, '-') AS card_channel, e.event AS step, e.occurred_on,
       count(DISTINCT e.person_key) AS persons
FROM raw_card_events e LEFT JOIN core_cards c USING (city, person_key) GROUP BY ALL;

INSERT INTO mart_exposure BY NAME
SELECT city, campaign_year, town_code, category, coalesce(benefit_tier, '-') AS benefit_tier, period, entitled_on,
       count(*) AS persons, sum(coalesce(paid_fen, 0)) AS paid_fen,
       CASE WHEN count(subsidy_fen) = count(*) THEN sum(subsidy_fen) END AS subsidy_fen
FROM core_participation WHERE is_paid GROUP BY ALL;

INSERT INTO mart_money_daily BY NAME
WITH moved AS (
    SELECT city, campaign_year, channel, paid_on, net_fen, standing FROM core_payments
    UNION ALL
    SELECT a.city, a.campaign_year, f.assistance_channel, a.paid_on, a.amount_fen, 'assistance'
    FROM raw_assisted a JOIN campaign_facts f USING (city, campaign_year) WHERE f.assistance_channel IS NOT NULL
), collected AS (
    SELECT city, campaign_year, channel, paid_on, count(*) FILTER (net_fen > 0) AS payments, sum(net_fen) AS net_fen,
           coalesce(sum(net_fen) FILTER (standing LIKE 'suspense%'), 0) AS suspense_fen,
           coalesce(sum(net_fen) FILTER (standing = 'paid_twice'), 0) AS paid_twice_fen
    FROM moved GROUP BY ALL
), received AS (
    SELECT city, campaign_year, channel, received_on AS paid_on, sum(amount_fen) AS received_fen
    FROM raw_receipts GROUP BY ALL
)
SELECT city, campaign_year, channel, paid_on, coalesce(payments, 0) AS payments, coalesce(net_fen, 0) AS net_fen,
       coalesce(suspense_fen, 0) AS suspense_fen, coalesce(paid_twice_fen, 0) AS paid_twice_fen, received_fen
FROM collected FULL JOIN received USING (city, campaign_year, channel, paid_on);
