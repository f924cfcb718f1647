-- 经营年限 / Years in business
SELECT entity, greatest(0, date_diff('day', established, $day)) / 365.25 AS value, NULL::BIGINT[] AS facts, 0 AS n
FROM v.legal_person_v1
WHERE established IS NOT NULL
