-- 成为失信被执行人 / Became a dishonest judgment debtor
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, sum(un_performed_amt) AS value, max(fact, 12) AS facts
FROM v.record_fy_dishonest_debtor_v1
WHERE coalesce(executed_perfor, '') <> '全部已履行' AND day > $day - INTERVAL 24 MONTH AND day <= $day
GROUP BY entity
