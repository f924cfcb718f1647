-- 未结清的水电气费 / Unpaid utility bills
WITH owed AS (
  SELECT entity, fact, arrear_amt AS owed FROM v.record_gysy_payment_arrears_v1
  WHERE coalesce(stat, '') NOT LIKE '%结清%' AND day > $day - INTERVAL 24 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, amt FROM v.record_slj_water_arrears_v1
  WHERE coalesce(stat, '') NOT LIKE '%缴清%' AND day > $day - INTERVAL 24 MONTH AND day <= $day
)
SELECT entity, sum(owed) AS value, max(fact, 12) AS facts, count(*) AS n
FROM owed
GROUP BY entity
