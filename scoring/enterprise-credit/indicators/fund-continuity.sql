-- 一年内缴存公积金的月数 / Months with housing fund paid in a year
SELECT entity, count(DISTINCT date_trunc('month', day)) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_gjj_fund_monthly_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
