-- 破产案件 / Bankruptcy proceedings
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_fy_bankruptcy_v1
WHERE coalesce(stat, '') <> '终结' AND day <= $day
GROUP BY entity
