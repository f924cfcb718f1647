-- 守信激励对象 / On the red list
SELECT entity, count(*) AS value, max(fact, 12) AS facts, count(*) AS n
FROM v.record_fgj_red_list_v1
WHERE (val_to IS NULL OR val_to >= $day) AND day <= $day
GROUP BY entity
