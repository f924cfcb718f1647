-- 两年内逾期未改的安全检查 / Safety hazards not mended in time, two years
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_yjgl_hazard_inspection_v1
WHERE mend_stat = '逾期未改' AND day > $day - INTERVAL 24 MONTH AND day <= $day
GROUP BY entity
