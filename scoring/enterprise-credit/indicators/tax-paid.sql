-- 一年内纳税额 / Tax paid in a year
SELECT entity, sum(paid_amt) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_sw_tax_collection_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
