-- 不良贷款余额 / Balance of bad loans
SELECT entity, sum(loan_bal) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_jrb_bad_loan_v1
WHERE day <= $day
GROUP BY entity
