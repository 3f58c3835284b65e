-- How far each feed has come. A daily feed's latest day counts as complete when a file of that day has been loaded.
INSERT INTO mart_feed_days BY NAME
WITH days AS (
    SELECT batch_key, max(CAST(paid_at AS DATE)) AS latest_on FROM raw_payments GROUP BY ALL
    UNION ALL SELECT batch_key, max(CAST(coalesce(paid_at, created_at) AS DATE)) FROM raw_orders GROUP BY ALL
    UNION ALL SELECT batch_key, max(enrolled_on) FROM raw_enrolments GROUP BY ALL
    UNION ALL SELECT batch_key, max(occurred_on) FROM raw_card_events GROUP BY ALL
    UNION ALL SELECT batch_key, max(received_on) FROM raw_receipts GROUP BY ALL
    UNION ALL SELECT batch_key, max(paid_on) FROM raw_assisted GROUP BY ALL
    UNION ALL SELECT batch_key, max(admitted_on) FROM raw_stays GROUP BY ALL
    UNION ALL SELECT batch_key, max(CAST(paid_at AS DATE)) FROM raw_platform_payments GROUP BY ALL
)
SELECT b.city, b.feed, b.kind, any_value(f.is_daily) AS is_daily, max(d.latest_on) AS latest_on,
       max(d.latest_on) AS complete_on, count(DISTINCT b.batch_key) AS files,
       sum(b.rows_loaded) AS rows_loaded
FROM load_batches b
JOIN daily_feeds f ON f.city = b.city AND f.feed = b.feed
LEFT JOIN (SELECT batch_key, max(latest_on) AS latest_on FROM days GROUP BY ALL) d USING (batch_key)
GROUP BY b.city, b.feed, b.kind;
