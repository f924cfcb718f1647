-- 三年内作为被告的案件 / Cases as defendant in three years
SELECT entity, count(DISTINCT case_no) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_fy_judgment_v1
WHERE party_role = '被告' AND day > $day - INTERVAL 36 MONTH AND day <= $day
GROUP BY entity
