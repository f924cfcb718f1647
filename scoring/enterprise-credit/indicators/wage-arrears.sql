-- 拖欠农民工工资名单 / On the list of wage arrears
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_rsj_wage_arrears_v1
WHERE (val_to IS NULL OR val_to >= $day) AND day <= $day
GROUP BY entity
