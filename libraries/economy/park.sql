-- 园区：以园区名录为准（按代码、名称比对到企业），名录没有的按住所门牌是否在园区范围内。
-- The park of an enterprise: by the list of the park's management, else by the house number of its address.
WITH listed AS (
  SELECT e.entity, p.entity AS park, 1 AS trust, e.day
  FROM v.record_jxj_park_enterprise_v1 e JOIN v.park_v1 p ON p.park = e.park_cd
  WHERE coalesce(e.stat, '') <> '已迁出'
), located AS (
  SELECT to_entity AS entity, entity AS park, 2 AS trust, day
  FROM v.base_relation_v1 WHERE library = 20 AND kind = 'located' AND to_library = 0
), every AS (
  SELECT * FROM listed UNION ALL SELECT * FROM located
), chosen AS (
  SELECT entity, arg_min(park, (trust, -epoch(coalesce(day, DATE '1900-01-01')::TIMESTAMP), park)) AS park FROM every GROUP BY entity
)
SELECT c.entity, p.park AS code, p.name AS title FROM chosen c JOIN v.park_v1 p ON p.entity = c.park
