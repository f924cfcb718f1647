-- 纳税信用等级（A=4 … D=0） / Tax credit level (A=4 … D=0)
SELECT entity, arg_max(CASE tax_credit_level WHEN 'A' THEN 4 WHEN 'B' THEN 3 WHEN 'M' THEN 2 WHEN 'C' THEN 1 ELSE 0 END, (day, fact)) AS value, [arg_max(fact, (day, fact))] AS facts, 1 AS n
FROM v.record_sw_tax_credit_level_v1
WHERE tax_credit_level IN ('A', 'B', 'M', 'C', 'D') AND day <= $day
GROUP BY entity
