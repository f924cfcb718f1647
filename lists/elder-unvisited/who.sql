WITH visit AS (
  SELECT m.entity, max(m.day) AS last
  FROM v.base_mention_v1 m
  JOIN v.base_library_v1 l ON l.library = m.library AND l.name = 'person'
  JOIN v.class_v1 c ON c.class = m.class AND c.source = 'mzj.grid-visit'
  WHERE m.entity IS NOT NULL AND m.closed_run IS NULL AND m.day <= $day::DATE GROUP BY m.entity
)
SELECT p.entity, p.division, coalesce('上次走访 ' || v.last, '没有走访记录') AS reason,
       coalesce((v.last + INTERVAL 90 DAY)::DATE, $day::DATE) AS due
FROM v.person_v1 p LEFT JOIN visit v ON v.entity = p.entity
WHERE p.status = '正常' AND p.birth <= $day::DATE - INTERVAL 80 YEAR
