-- 未履行生效裁判金额 / Unperformed judgments
SELECT entity, sum(not_execute_amt) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_fy_unperformed_enterprise_v1
WHERE day > $day - INTERVAL 60 MONTH AND day <= $day
GROUP BY entity
