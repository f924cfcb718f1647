-- 拖欠工资 / Wages in arrears
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, sum(owe_amt) AS value, max(fact, 12) AS facts
FROM v.record_rsj_wage_arrears_v1
WHERE (val_to IS NULL OR val_to >= $day) AND day <= $day
GROUP BY entity
