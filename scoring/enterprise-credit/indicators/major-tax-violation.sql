-- 重大税收违法失信 / Major tax violation
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_sw_major_tax_violation_v1
WHERE (remove_tm IS NULL OR remove_tm > $day) AND day > $day - INTERVAL 36 MONTH AND day <= $day
GROUP BY entity
