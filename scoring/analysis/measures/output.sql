SELECT entity, sum(inv_amt) AS value FROM v.record_sw_invoice_summary_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
