-- 参保人数 / Insured staff
SELECT entity, arg_max(mon_insurd_prsons, (day, fact)) AS value, [arg_max(fact, (day, fact))] AS facts, 1 AS n
FROM v.record_rsj_insured_count_v1
WHERE mon_insurd_prsons IS NOT NULL AND day > $day - INTERVAL 12 MONTH AND day <= $day
GROUP BY entity
