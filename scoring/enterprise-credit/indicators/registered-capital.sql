-- 注册资本 / Registered capital
SELECT entity, capital AS value, NULL::BIGINT[] AS facts, 0 AS n
FROM v.legal_person_v1
WHERE capital IS NOT NULL AND coalesce(currency, '人民币') IN ('人民币', '人民币元', 'CNY')
