-- 存续两年以上；近一年没有纳税、社保、用电、用水、开票记录；且在经营异常名录或非正常户中。
-- In being for two years; no taxes, insurance, power, water or invoices within a year; and on a list of anomalies.
WITH alive AS (
  SELECT entity FROM v.record_sw_tax_collection_v1 WHERE day >= $day::DATE - INTERVAL 1 YEAR
  UNION SELECT entity FROM v.record_sw_tax_payment_v1 WHERE day >= $day::DATE - INTERVAL 1 YEAR AND sale_inco > 0
  UNION SELECT entity FROM v.record_sw_invoice_summary_v1 WHERE day >= $day::DATE - INTERVAL 1 YEAR
  UNION SELECT entity FROM v.record_rsj_insured_count_v1 WHERE day >= $day::DATE - INTERVAL 1 YEAR AND mon_insurd_prsons > 0
  UNION SELECT entity FROM v.record_gysy_electricity_use_v1 WHERE day >= $day::DATE - INTERVAL 1 YEAR AND elec_qty > 0
  UNION SELECT entity FROM v.record_slj_water_use_v1 WHERE day >= $day::DATE - INTERVAL 1 YEAR AND water_consum > 0
), odd AS (
  SELECT entity, '经营异常：' || coalesce(inclu_reason, '') AS why, fact, inclu_dt AS listed FROM v.record_scjg_abnormal_list_v1 WHERE remove_dt IS NULL OR remove_dt > $day::DATE
  UNION ALL
  SELECT entity, '非正常户：' || coalesce(cogni_reason, ''), fact, unnor_cogni_dt FROM v.record_sw_abnormal_taxpayer_v1 WHERE coalesce(stat, '') <> '已解除'
), latest AS (
  SELECT entity, arg_max({'fact': fact, 'why': why, 'listed': listed}, (coalesce(listed, DATE '1900-01-01'), fact)) AS r FROM odd GROUP BY entity
)
SELECT p.entity, p.division, l.r.why AS reason, l.r.fact AS fact, l.r.listed AS listed
FROM latest l JOIN v.legal_person_v1 p ON p.entity = l.entity
WHERE p.established <= $day::DATE - INTERVAL 2 YEAR AND coalesce(p.status, '') NOT LIKE '%注销%' AND coalesce(p.status, '') NOT LIKE '%吊销%'
  AND coalesce(p.kind, '') NOT LIKE '%个体%' AND p.entity NOT IN (SELECT entity FROM alive WHERE entity IS NOT NULL)
