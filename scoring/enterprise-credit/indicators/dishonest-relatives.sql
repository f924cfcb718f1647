-- 关联企业失信 / Related enterprises on a dishonesty list
WITH listed AS (
  SELECT entity, max(fact) AS fact FROM v.record_fy_dishonest_debtor_v1 WHERE coalesce(executed_perfor, '') <> '全部已履行' AND day <= $day GROUP BY entity
  UNION
  SELECT entity, max(fact) FROM v.record_scjg_serious_dishonesty_v1 WHERE (rem_dt IS NULL OR rem_dt > $day) AND day <= $day GROUP BY entity
), said AS (
  SELECT entity, person_token, other_entity, kind FROM v.legal_person_relation_v1
  WHERE kind IN ('shareholder', 'legal-representative', 'guarantee', 'branch') AND (valid_to IS NULL OR valid_to >= $day)
), tie AS (
  SELECT entity AS a, other_entity AS b FROM said WHERE other_entity IS NOT NULL
  UNION
  SELECT other_entity, entity FROM said WHERE other_entity IS NOT NULL
  UNION
  SELECT x.entity, y.entity FROM said x JOIN said y ON y.person_token = x.person_token
  WHERE x.kind IN ('shareholder', 'legal-representative') AND y.kind IN ('shareholder', 'legal-representative')
    AND x.person_token IN (SELECT person_token FROM said WHERE person_token IS NOT NULL GROUP BY 1 HAVING count(DISTINCT entity) BETWEEN 2 AND 200)
)
SELECT t.a AS entity, count(DISTINCT t.b) AS value, list(DISTINCT l.fact) AS facts, count(DISTINCT l.fact) AS n
FROM tie t JOIN listed l ON l.entity = t.b
WHERE t.a <> t.b
GROUP BY t.a
