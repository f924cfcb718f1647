-- 环境信用评价（A=4 … E=0） / Environmental rating (A=4 … E=0)
SELECT entity, arg_max(CASE cmnt_lvel WHEN 'A' THEN 4 WHEN 'B' THEN 3 WHEN 'C' THEN 2 WHEN 'D' THEN 1 ELSE 0 END, (day, fact)) AS value, [arg_max(fact, (day, fact))] AS facts, 1 AS n
FROM v.record_sthj_credit_evaluation_v1
WHERE cmnt_lvel IN ('A', 'B', 'C', 'D', 'E') AND day <= $day
GROUP BY entity
