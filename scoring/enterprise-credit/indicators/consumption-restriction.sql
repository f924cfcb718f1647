-- 限制消费令 / Consumption restriction in force
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_fy_consumption_restriction_v1
WHERE stat = '有效' AND day <= $day
GROUP BY entity
