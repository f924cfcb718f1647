-- 欠费停供 / Supply cut for unpaid bills
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, sum(arrear_amt) AS value, max(fact, 12) AS facts
FROM v.record_gysy_payment_arrears_v1
WHERE stat LIKE '%停供%' AND day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
