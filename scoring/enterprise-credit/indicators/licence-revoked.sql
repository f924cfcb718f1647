-- 营业执照被吊销 / Licence revoked
SELECT entity, 1 AS value, NULL::BIGINT[] AS facts, 0 AS n
FROM v.legal_person_v1
WHERE status LIKE '%吊销%'
