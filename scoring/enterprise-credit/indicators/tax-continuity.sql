-- 一年内有税款入库的月数 / Months with tax paid in a year
SELECT entity, count(DISTINCT date_trunc('month', day)) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_sw_tax_collection_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
