-- 三年内罚款金额 / Fines in three years
WITH punished AS (
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_scjg_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_sw_tax_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_sw_tax_inspection_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_rsj_labour_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_sthj_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_yjgl_safety_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_jtj_transport_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_zhzf_urban_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_wjj_health_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
  UNION ALL
  SELECT entity, fact, day, punish_amt AS fine FROM v.record_hg_penalty_v1
  WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
)
SELECT entity, sum(fine) AS value, max(fact, 12) AS facts, count(*) AS n
FROM punished
WHERE fine > 0
GROUP BY entity
