-- 两年内法定代表人变更 / Changes of legal representative in two years
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_scjg_registration_change_v1
WHERE alt_item LIKE '%法定代表人%' AND day > $day - INTERVAL 24 MONTH AND day <= $day
GROUP BY entity
