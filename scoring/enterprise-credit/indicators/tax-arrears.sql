-- 两年内公告欠税余额 / Tax arrears announced in two years
SELECT entity, sum(cumu_own_amt) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_sw_tax_arrears_v1
WHERE day > $day - INTERVAL 24 MONTH AND day <= $day
GROUP BY entity
