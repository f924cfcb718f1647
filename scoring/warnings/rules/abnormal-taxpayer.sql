-- 认定为非正常户 / Abnormal taxpayer
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, count(*) AS value, max(fact, 12) AS facts
FROM v.record_sw_abnormal_taxpayer_v1
WHERE stat NOT LIKE '%解除%' AND day <= $day
GROUP BY entity
