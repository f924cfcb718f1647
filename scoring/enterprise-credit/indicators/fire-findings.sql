-- 两年内消防检查不合格 / Fire inspections failed in two years
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_xfj_fire_inspection_v1
WHERE insp_result NOT IN ('合格') AND day > $day - INTERVAL 24 MONTH AND day <= $day
GROUP BY entity
