-- 名单未到期的欠薪单位。 Employers whose entry in the list has not ended.
WITH latest AS (
  SELECT entity, arg_max({'fact': fact, 'why': list_rea, 'n': owe_persons, 'owed': owe_amt}, (coalesce(list_dt, DATE '1900-01-01'), fact)) AS r
  FROM v.record_rsj_wage_arrears_v1 WHERE val_to IS NULL OR val_to >= $day::DATE GROUP BY entity
)
SELECT l.entity, p.division, coalesce(l.r.why, '拖欠工资') AS reason, l.r.fact AS fact, l.r.n AS persons, l.r.owed AS amount
FROM latest l JOIN v.legal_person_v1 p ON p.entity = l.entity
