-- 有效注册商标 / Trademarks in force
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_scjg_trademark_v1
WHERE (excl_to IS NULL OR excl_to >= $day) AND day <= $day
GROUP BY entity
