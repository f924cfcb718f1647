-- 一年内有用水的月数 / Months with water used in a year
SELECT entity, count(DISTINCT date_trunc('month', day)) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_slj_water_use_v1
WHERE water_consum > 0 AND day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
