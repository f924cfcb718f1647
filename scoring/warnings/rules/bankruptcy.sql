-- 进入破产程序 / Bankruptcy proceedings
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, count(*) AS value, max(fact, 12) AS facts
FROM v.record_fy_bankruptcy_v1
WHERE coalesce(stat, '') <> '终结' AND day <= $day
GROUP BY entity
