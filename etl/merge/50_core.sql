-- `outcomes` holds what the policy's rules say of every row of `facts` (from insurance/rules.py).
INSERT INTO core_participation BY NAME
SELECT f.city, f.campaign_year, f.person_key, f.division_code, d.town_code, f.category, f.birth_year,
       CASE WHEN f.birth_year IS NULL OR f.birth_year > f.campaign_year THEN
                 CASE WHEN f.birth_year IS NULL THEN 'unknown' ELSE '0-17' END
            WHEN f.campaign_year - f.birth_year < 18 THEN '0-17'
            WHEN f.campaign_year - f.birth_year < 30 THEN '18-29'
            WHEN f.campaign_year - f.birth_year < 45 THEN '30-44'
            WHEN f.campaign_year - f.birth_year < 60 THEN '45-59'
            WHEN f.campaign_year - f.birth_year < 75 THEN '60-74'
            ELSE '75+' END AS age_band,
       f.is_enrolled, f.enrolled_on, f.membership,
       f.is_on_a_register AND f.not_due_reason IS NULL AS is_due, f.not_due_reason,
       f.assistance_group, coalesce(f.assisted_fen, 0) AS assisted_fen,
       o.price_class, f.tier, o.benefit_tier, f.is_paid, f.paid_at, f.paid_on, f.channel, f.payer_relation, f.reference,
       o.premium_due_fen, coalesce(f.paid_fen, 0) AS paid_fen,
       coalesce(f.refund_due_fen, 0) AS refund_due_fen, o.period, o.subsidy_fen, o.waiting_months, o.entitled_on,
       f.order_state,
       CASE WHEN x.has_cards THEN coalesce(k.card_state, 'none') END AS card_state,
       k.signed_on IS NOT NULL AS is_sms_signed, k.is_funded,
       CASE WHEN f.is_paid OR NOT f.is_on_a_register OR f.not_due_reason IS NOT NULL THEN NULL
            WHEN NOT f.is_enrolled THEN 'not_registered'
            WHEN f.has_pending THEN 'order_pending'
            WHEN x.is_card_needed AND coalesce(k.card_state, 'none') = 'none' THEN 'no_card'
            WHEN x.is_card_needed AND k.card_state = 'applied' THEN 'not_issued'
            WHEN x.is_card_needed AND k.card_state = 'issued' THEN 'not_activated'
            WHEN k.is_funded THEN 'funded_unpaid'
            WHEN f.has_void THEN 'order_void'
            WHEN f.is_cover_last_year THEN 'silent_since_last_year'
            ELSE 'nothing_known' END AS blocker,
       CASE WHEN f.has_last_campaign THEN f.is_cover_last_year END AS is_paid_last_year,
       coalesce(f.is_name_different, FALSE) AS is_name_different
FROM facts f
JOIN outcomes o USING (row_no)
JOIN campaign_facts x USING (city, campaign_year)
LEFT JOIN meta_divisions d ON d.city = f.city AND d.division_code = f.division_code
LEFT JOIN core_cards k ON k.city = f.city AND k.person_key = f.person_key;

INSERT INTO core_payments BY NAME
SELECT l.city, l.campaign_year, l.batch_key, l.line_no, l.feed, l.person_key, l.payer_key, l.reference, l.channel,
       l.declared_tier, l.amount_fen, l.reversed_fen, l.net_fen, l.paid_at, l.paid_on, l.is_time_known, l.settled_on,
       CASE WHEN l.net_fen = 0 THEN 'reversed'
            WHEN l.is_on_void_order THEN 'suspense_void_order'
            WHEN NOT f.is_enrolled THEN 'suspense_not_enrolled'
            WHEN c.batch_key IS NOT NULL THEN 'covering'
            ELSE 'paid_twice' END AS standing,
       c.batch_key IS NOT NULL
           AND coalesce(l.net_fen <> p.premium_due_fen - coalesce(f.assisted_fen, 0), FALSE) AS is_amount_different,
       h.channel IS NULL AS is_channel_unexpected,
       l.is_partial_debit,
       coalesce(l.name_hash <> f.name_hash, FALSE) AS is_name_different
FROM ledger l
JOIN facts f USING (city, campaign_year, person_key)
JOIN outcomes p USING (row_no)
LEFT JOIN covering c USING (batch_key, line_no)
LEFT JOIN open_channels h ON h.city = l.city AND h.campaign_year = l.campaign_year AND h.channel = l.channel;
