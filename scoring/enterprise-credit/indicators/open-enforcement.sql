-- 未执行完毕的执行标的 / Enforcement not completed
SELECT entity, sum(execute_amt) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_fy_enforcement_v1
WHERE stat IN ('执行中', '终结本次执行') AND day <= $day
GROUP BY entity
