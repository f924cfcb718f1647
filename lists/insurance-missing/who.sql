-- Staff by the latest annual report, or income tax withheld for staff within a year.
WITH staff AS (
  SELECT entity, '年报从业人员 ' || max_by(employee_num, annual_year) || ' 人' AS reason, max_by(report_dt, annual_year) AS day
  FROM v.record_scjg_annual_report_asset_v1 WHERE employee_num > 0 AND annual_year >= year($day::DATE) - 2
  GROUP BY entity
  UNION ALL
  SELECT entity, '近一年代扣个人所得税' AS reason, max(paid_dt) AS day
  FROM v.record_sw_tax_collection_v1
  WHERE tax_type = '个人所得税' AND paid_dt > $day::DATE - INTERVAL 365 DAY AND paid_dt <= $day::DATE
  GROUP BY entity
)
SELECT s.entity, p.division, s.reason, (s.day + INTERVAL 30 DAY)::DATE AS due
FROM staff s JOIN v.legal_person_v1 p ON p.entity = s.entity WHERE p.status = '存续'
