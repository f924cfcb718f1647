-- 五年内名称变更 / Name changes in five years
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_scjg_name_change_v1
WHERE day > $day - INTERVAL 60 MONTH AND day <= $day
GROUP BY entity
