-- 一年内登记事项变更 / Registration changes in a year
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_scjg_registration_change_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
