-- 欠税 / Tax arrears
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, sum(cumu_own_amt) AS value, max(fact, 12) AS facts
FROM v.record_sw_tax_arrears_v1
WHERE cumu_own_amt > 0 AND day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
