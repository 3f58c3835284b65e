INSERT INTO load_set_aside BY NAME
SELECT b.city, d.batch_key, d.line_no, 'merge' AS stage, d.reason, d.amount_fen
FROM dispositions d JOIN use_batches b USING (batch_key) WHERE d.outcome = 'set_aside';

INSERT INTO load_batches BY NAME
SELECT f.*, f.rows_read - coalesce(u.duplicates, 0) - coalesce(s.rows_aside, 0) AS rows_loaded,
       coalesce(u.duplicates, 0) AS rows_duplicate, coalesce(s.rows_aside, 0) AS rows_set_aside,
       f.read_fen - coalesce(u.duplicate_fen, 0) - coalesce(s.aside_fen, 0) AS loaded_fen,
       coalesce(u.duplicate_fen, 0) AS duplicate_fen, coalesce(s.aside_fen, 0) AS set_aside_fen
FROM batch_facts f
LEFT JOIN (
    SELECT batch_key, count(*) AS duplicates, sum(coalesce(amount_fen, 0)) AS duplicate_fen
    FROM dispositions WHERE outcome = 'duplicate' GROUP BY ALL
) u USING (batch_key)
LEFT JOIN (
    SELECT batch_key, count(*) AS rows_aside, sum(coalesce(amount_fen, 0)) AS aside_fen
    FROM load_set_aside GROUP BY ALL
) s USING (batch_key);
