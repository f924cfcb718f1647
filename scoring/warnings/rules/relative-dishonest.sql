-- 关联企业失信 / A related enterprise is dishonest
-- 股东、投资、担保对象或分支机构一年内成为失信被执行人
WITH listed AS (
  SELECT entity, max(fact) AS fact, max(day) AS day FROM v.record_fy_dishonest_debtor_v1
  WHERE coalesce(executed_perfor, '') <> '全部已履行' AND day > $day - INTERVAL 12 MONTH AND day <= $day
  GROUP BY entity
), tie AS (
  SELECT entity AS a, other_entity AS b FROM v.legal_person_relation_v1
  WHERE other_entity IS NOT NULL AND kind IN ('shareholder', 'guarantee', 'branch')
  UNION
  SELECT other_entity, entity FROM v.legal_person_relation_v1
  WHERE other_entity IS NOT NULL AND kind IN ('shareholder', 'guarantee', 'branch')
)
SELECT t.a AS entity, max(l.fact)::VARCHAR AS matter, max(l.day) AS day, count(DISTINCT t.b) AS value, list(DISTINCT l.fact) AS facts
FROM tie t JOIN listed l ON l.entity = t.b
WHERE t.a <> t.b
GROUP BY t.a
