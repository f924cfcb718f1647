-- 失信被执行人 / Dishonest judgment debtor
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_fy_dishonest_debtor_v1
WHERE coalesce(executed_perfor, '') <> '全部已履行' AND day <= $day
GROUP BY entity
