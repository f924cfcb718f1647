-- 经营异常名录（标记） / On the list of abnormal operation
WITH listed AS (
  SELECT entity, fact FROM v.record_scjg_abnormal_list_v1 WHERE (remove_dt IS NULL OR remove_dt > $day) AND day <= $day
  UNION ALL
  SELECT entity, fact FROM v.record_scjg_individual_abnormal_v1 WHERE is_recov = '0' AND day <= $day
)
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM listed
GROUP BY entity
