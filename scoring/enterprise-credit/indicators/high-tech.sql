-- 高新技术企业 / High-technology enterprise
WITH named AS (
  SELECT entity, fact FROM v.record_kjj_high_tech_v1 WHERE (val_to IS NULL OR val_to >= $day) AND day <= $day
  UNION ALL
  SELECT entity, fact FROM v.record_kjj_tech_sme_v1 WHERE day > $day - INTERVAL 36 MONTH AND day <= $day
)
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM named
GROUP BY entity
