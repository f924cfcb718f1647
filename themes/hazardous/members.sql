-- 持有在有效期内的危险化学品、易制毒化学品许可或备案。 Holders of valid permits for hazardous or precursor chemicals.
WITH latest AS (
  SELECT entity, arg_max({'fact': fact, 'name': lic_nm, 'no': lic_no, 'till': val_to}, (coalesce(val_to, DATE '1900-01-01'), fact)) AS c
  FROM v.record_yjgl_safety_permit_v1 WHERE regexp_matches(lic_nm, '危险化学品|易制毒') GROUP BY entity
)
SELECT l.entity, p.division, l.c.name AS reason, l.c.fact AS fact, l.c.no AS permit, l.c.till AS valid_to
FROM latest l JOIN v.legal_person_v1 p ON p.entity = l.entity
WHERE l.c.till IS NULL OR l.c.till >= $day::DATE
