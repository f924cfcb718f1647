-- 被认定为非正常户 / Abnormal taxpayer
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_sw_abnormal_taxpayer_v1
WHERE stat NOT LIKE '%解除%' AND day <= $day
GROUP BY entity
