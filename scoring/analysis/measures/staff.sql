SELECT entity, arg_max(mon_insurd_prsons, (day, fact)) AS value FROM v.record_rsj_insured_count_v1
WHERE mon_insurd_prsons IS NOT NULL AND day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
