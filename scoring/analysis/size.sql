-- 统计上大中小微型企业划分办法（2017）：从业人员 X（人）、营业收入 Y（万元）。大、中、小型须同时满足下限，否则下划一档。
-- Statistical size of enterprises (NBS 2017): staff X and revenue Y (10,000 yuan); both lower limits must be met.
WITH staff AS (
  SELECT entity, arg_max(employee_num, (annual_year, fact)) AS x, arg_max(opt_income_total, (annual_year, fact)) AS y
  FROM v.record_scjg_annual_report_asset_v1
  WHERE annual_year BETWEEN year($day) - 2 AND year($day) AND employee_num IS NOT NULL AND opt_income_total IS NOT NULL
  GROUP BY entity
), known AS (
  SELECT s.*, try_cast(regexp_extract(p.industry, '^[A-T]?([0-9]{2})', 1) AS INTEGER) AS d
  FROM staff s JOIN v.legal_person_v1 p ON p.entity = s.entity
), bound AS (
  SELECT *, CASE
      WHEN d BETWEEN 6 AND 46 THEN [1000, 300, 20, 40000, 2000, 300]
      WHEN d = 51 THEN [200, 20, 5, 40000, 5000, 1000]
      WHEN d = 52 THEN [300, 50, 10, 20000, 500, 100]
      WHEN d IN (53, 54, 55, 56, 57, 58) THEN [1000, 300, 20, 30000, 3000, 200]
      WHEN d = 59 THEN [200, 100, 20, 30000, 1000, 100]
      WHEN d = 60 THEN [1000, 300, 20, 30000, 2000, 100]
      WHEN d IN (61, 62) THEN [300, 100, 10, 10000, 2000, 100]
      WHEN d = 63 THEN [2000, 100, 10, 100000, 1000, 100]
      WHEN d IN (64, 65) THEN [300, 100, 10, 10000, 1000, 50]
      WHEN d BETWEEN 1 AND 5 THEN [0, 0, 0, 20000, 500, 50]
      WHEN d BETWEEN 47 AND 50 THEN [0, 0, 0, 80000, 6000, 300]
      WHEN d = 70 THEN [0, 0, 0, 200000, 1000, 100]
      ELSE [300, 100, 10, 0, 0, 0] END AS b
  FROM known
)
SELECT entity, CASE WHEN x >= b[1] AND y >= b[4] THEN 'large' WHEN x >= b[2] AND y >= b[5] THEN 'medium'
    WHEN x >= b[3] AND y >= b[6] THEN 'small' ELSE 'micro' END AS size
FROM bound
