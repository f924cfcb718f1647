SELECT entity, sum(paid_amt) AS value FROM v.record_sw_tax_collection_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
