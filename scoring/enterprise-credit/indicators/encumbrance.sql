-- 抵押质押债权 / Mortgaged and pledged claims
WITH claim AS (
  SELECT entity, fact, prin_claim_amt AS amt FROM v.record_scjg_chattel_mortgage_v1 WHERE coalesce(stat, '有效') = '有效' AND day <= $day
  UNION ALL
  SELECT entity, fact, pledge_amt FROM v.record_scjg_ip_pledge_v1 WHERE coalesce(state, '有效') = '有效' AND day <= $day
  UNION ALL
  SELECT entity, fact, mort_amt FROM v.record_zrzy_real_estate_mortgage_v1 WHERE (val_to IS NULL OR val_to >= $day) AND day <= $day
)
SELECT entity, sum(amt) AS value, max(fact, 12) AS facts, count(*) AS n
FROM claim
GROUP BY entity
