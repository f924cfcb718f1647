-- 严重违法失信名单 / On a list of serious dishonesty
WITH listed AS (
  SELECT entity, fact FROM v.record_scjg_serious_dishonesty_v1 WHERE (rem_dt IS NULL OR rem_dt > $day) AND day <= $day
  UNION ALL
  SELECT entity, fact FROM v.record_fgj_black_list_v1 WHERE (remove_dt IS NULL OR remove_dt > $day) AND day <= $day
)
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM listed
GROUP BY entity
