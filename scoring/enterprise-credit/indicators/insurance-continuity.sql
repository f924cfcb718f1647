-- 一年内缴纳社保费的月数 / Months with social insurance paid in a year
SELECT entity, count(DISTINCT date_trunc('month', day)) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_sw_social_insurance_payment_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
