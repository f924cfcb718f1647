-- 被诉增多 / Sued repeatedly
SELECT entity, max(fact)::VARCHAR AS matter, max(day) AS day, count(DISTINCT case_no) AS value, max(fact, 12) AS facts
FROM v.record_fy_judgment_v1
WHERE party_role = '被告' AND day > $day - INTERVAL 6 MONTH AND day <= $day
GROUP BY entity
HAVING count(DISTINCT case_no) >= 2
