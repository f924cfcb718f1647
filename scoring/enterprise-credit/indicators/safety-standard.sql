-- 安全生产标准化达标 / Safety standard reached
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_yjgl_safety_standard_v1
WHERE (val_to IS NULL OR val_to >= $day) AND day <= $day
GROUP BY entity
