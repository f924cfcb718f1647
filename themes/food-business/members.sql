-- 食品经营许可在有效期内且未注销、未吊销。 Holders of a valid food permit who are in operation.
WITH latest AS (
  SELECT entity, arg_max({'fact': fact, 'no': lic_no, 'kind': subject_stat, 'till': val_to}, (coalesce(val_to, DATE '1900-01-01'), fact)) AS c
  FROM v.record_scjg_food_permit_v1 GROUP BY entity
)
SELECT l.entity, p.division, coalesce(l.c.kind, '食品经营') AS reason, l.c.fact AS fact, l.c.no AS permit, l.c.till AS valid_to
FROM latest l JOIN v.legal_person_v1 p ON p.entity = l.entity
WHERE (l.c.till IS NULL OR l.c.till >= $day::DATE) AND coalesce(p.status, '') NOT LIKE '%注销%' AND coalesce(p.status, '') NOT LIKE '%吊销%'
