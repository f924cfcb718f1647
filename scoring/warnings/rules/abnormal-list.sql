-- 列入经营异常名录 / On the list of abnormal operation
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, count(*) AS value, max(fact, 12) AS facts
FROM v.record_scjg_abnormal_list_v1
WHERE coalesce(inclu_reason, '') NOT LIKE '%无法联系%' AND (remove_dt IS NULL OR remove_dt > $day) AND day <= $day
GROUP BY entity
