-- 经营年限 / Years in business
SELECT entity, round(greatest(0, date_sub('month', established, $day)) / 12, 1) AS value, NULL::BIGINT[] AS facts, 0 AS n
FROM v.legal_person_v1
WHERE established IS NOT NULL
