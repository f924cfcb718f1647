-- 证书在有效期内的高新技术企业；最近一张证书为准。 Enterprises whose latest certificate is valid.
WITH latest AS (
  SELECT entity, arg_max({'fact': fact, 'doc': high_tech_doc, 'day': issue_dt, 'till': val_to}, (coalesce(issue_dt, DATE '1900-01-01'), fact)) AS c
  FROM v.record_kjj_high_tech_v1 GROUP BY entity
)
SELECT l.entity, p.division, '证书有效期至 ' || coalesce(l.c.till::VARCHAR, '不详') AS reason, l.c.fact AS fact, l.c.doc AS certificate, l.c.till AS valid_to
FROM latest l JOIN v.legal_person_v1 p ON p.entity = l.entity
WHERE coalesce(l.c.till, l.c.day + INTERVAL 3 YEAR) >= $day::DATE
