-- 两年内劳动争议仲裁 / Labour disputes in two years
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_rsj_labour_dispute_v1
WHERE day > $day - INTERVAL 24 MONTH AND day <= $day
GROUP BY entity
