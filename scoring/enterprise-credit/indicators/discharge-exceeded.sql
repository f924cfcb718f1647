-- 一年内排放超标比例 / Share of discharges over the limit in a year
SELECT entity, avg(CASE WHEN is_over = '1' THEN 1 ELSE 0 END) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_sthj_discharge_monitoring_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
