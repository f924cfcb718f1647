-- 贷款最长逾期 / Longest loan overdue
SELECT entity, max(overdue_days) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_jrb_bad_loan_v1
WHERE day <= $day
GROUP BY entity
