-- 出现不良贷款 / Bad loan
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, sum(loan_bal) AS value, max(fact, 12) AS facts
FROM v.record_jrb_bad_loan_v1
WHERE coalesce(stat, '') NOT LIKE '%核销%' AND day <= $day
GROUP BY entity
