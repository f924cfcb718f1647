-- 不动产面积 / Real estate
SELECT entity, sum(build_area) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_zrzy_real_estate_v1
WHERE coalesce(stat, '现势') = '现势' AND day <= $day
GROUP BY entity
