-- 有效行政许可 / Permits in force
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_scjg_permit_v1
WHERE coalesce(type, '有效') = '有效' AND (val_to IS NULL OR val_to >= $day) AND day <= $day
GROUP BY entity
