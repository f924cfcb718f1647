-- 对外担保余额 / Guarantees given, in force
SELECT entity, sum(major_credit_amt) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_scjg_guarantee_v1
WHERE (period_to IS NULL OR period_to >= $day) AND day <= $day
GROUP BY entity
