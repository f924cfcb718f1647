-- 统计上大中小微型企业划分办法（2017），按最近一年的用工人数和营业收入，工业以外取主要行业的界线。
-- Statistical size of enterprises (NBS 2017) by staff and sales of the latest year; both lower limits must be met.
WITH latest AS (
  SELECT entity, arg_max(value, (period, grain)) FILTER (measure = 'staff' AND grain = 12) AS x,
    arg_max(value, (period, grain)) FILTER (measure = 'sales' AND grain = 12 AND parts = 12) AS y
  FROM v.economy_value_v1 WHERE measure IN ('staff', 'sales') AND period >= $day::DATE - INTERVAL 3 YEAR GROUP BY entity
), bound AS (
  SELECT l.*, CASE e.section
      WHEN 'C' THEN [1000, 300, 20, 40000, 2000, 300] WHEN 'B' THEN [1000, 300, 20, 40000, 2000, 300] WHEN 'D' THEN [1000, 300, 20, 40000, 2000, 300]
      WHEN 'F' THEN [200, 20, 5, 40000, 5000, 1000] WHEN 'G' THEN [1000, 300, 20, 30000, 3000, 200]
      WHEN 'H' THEN [300, 100, 10, 10000, 2000, 100] WHEN 'I' THEN [300, 100, 10, 10000, 1000, 50]
      WHEN 'E' THEN [0, 0, 0, 80000, 6000, 300] WHEN 'A' THEN [0, 0, 0, 20000, 500, 50]
      ELSE [300, 100, 10, 0, 0, 0] END AS b
  FROM latest l JOIN v.economy_enterprise_v1 e ON e.entity = l.entity WHERE l.x IS NOT NULL AND l.y IS NOT NULL
), sized AS (
  SELECT entity, CASE WHEN x >= b[1] AND y >= b[4] THEN '1' WHEN x >= b[2] AND y >= b[5] THEN '2' WHEN x >= b[3] AND y >= b[6] THEN '3' ELSE '4' END AS code
  FROM bound
)
SELECT entity, code, ['大型', '中型', '小型', '微型'][code::INTEGER] AS title FROM sized
