-- 新增执行案件 / New enforcement case
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, sum(execute_amt) AS value, max(fact, 12) AS facts
FROM v.record_fy_enforcement_v1
WHERE stat = '执行中' AND day > $day - INTERVAL 6 MONTH AND day <= $day
GROUP BY entity
