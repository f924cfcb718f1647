-- 一年内进出口额 / Foreign trade in a year
SELECT entity, sum(coalesce(export_amt, 0) + coalesce(import_amt, 0)) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_hg_trade_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
