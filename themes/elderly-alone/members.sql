-- 现住房屋只知道一人居住的七十周岁以上老人。 Seventy and more, in a dwelling where nobody else is known to live.
WITH lone AS (
  SELECT dwelling FROM v.person_v1 WHERE status = '正常' AND dwelling IS NOT NULL GROUP BY dwelling HAVING count(*) = 1
)
SELECT p.entity, w.division, '同一房屋没有其他居住人' AS reason, NULL AS fact
FROM v.person_v1 p JOIN lone USING (dwelling) LEFT JOIN v.dwelling_v1 w ON w.entity = p.dwelling
WHERE p.status = '正常' AND p.birth <= $day::DATE - INTERVAL 70 YEAR
