-- Reversals were decided row by row in Python (their order matters); here they take effect.
INSERT INTO dispositions
SELECT batch_key, line_no, 'set_aside', outcome, amount_fen
FROM reversal_decisions WHERE outcome NOT IN ('applied', 'pending');

INSERT INTO raw_reversals BY NAME
SELECT k.city, k.campaign_year, k.batch_key, k.line_no, k.person_key, k.txn_no, k.original_txn_no, k.channel,
       k.amount_fen, k.paid_at AS reversed_at, d.outcome = 'applied' AS is_applied
FROM payments_kept k JOIN reversal_decisions d USING (batch_key, line_no)
WHERE d.outcome IN ('applied', 'pending');

CREATE TEMP TABLE reversed AS
SELECT k.city, k.feed, k.original_txn_no AS txn_no, sum(k.amount_fen) AS reversed_fen
FROM payments_kept k JOIN reversal_decisions d USING (batch_key, line_no)
WHERE d.outcome = 'applied' GROUP BY ALL;

-- The ledger: payments, completed orders, and confirmed payments on orders that are void or cancelled (fault 24).
-- An order that a payment row of the same person names is the same money told twice: the payment row tells it.
CREATE TEMP TABLE ledger AS
SELECT k.city, k.campaign_year, k.feed, k.batch_key, k.line_no, k.person_key, k.payer_key, k.txn_no AS reference,
       k.channel, k.declared_tier, k.amount_fen, CAST(coalesce(r.reversed_fen, 0) AS BIGINT) AS reversed_fen,
       CAST(k.amount_fen - coalesce(r.reversed_fen, 0) AS BIGINT) AS net_fen,
       k.paid_at, CAST(k.paid_at AS DATE) AS paid_on, k.is_time_known, k.settled_on, k.is_partial_debit, k.name_hash,
       v.order_no IS NOT NULL AS is_on_void_order
FROM payments_kept k
LEFT JOIN reversed r USING (city, feed, txn_no)
LEFT JOIN (
    SELECT city, order_no FROM orders_latest GROUP BY ALL HAVING bool_and(state_as_of IN ('void', 'cancelled'))
) v
  ON v.city = k.city AND v.order_no = k.order_no
WHERE k.entry_type = 'payment'
UNION ALL
SELECT city, campaign_year, feed, batch_key, line_no, person_key, payer_key, order_no, channel, declared_tier,
       amount_fen, 0, amount_fen, paid_at, CAST(paid_at AS DATE), TRUE, NULL, FALSE, name_hash,
       state_as_of <> 'completed'
FROM orders_latest
ANTI JOIN (SELECT city, order_no, person_key FROM payments_kept WHERE entry_type = 'payment') told
    USING (city, order_no, person_key)
WHERE paid_at IS NOT NULL AND (state_as_of = 'completed' OR (state_as_of IN ('void', 'cancelled') AND bank_ref <> ''));
DROP TABLE payments_kept;
