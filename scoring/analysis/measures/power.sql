SELECT entity, sum(elec_qty) AS value FROM v.record_gysy_electricity_use_v1
WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
