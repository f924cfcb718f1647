WITH visit AS (
  SELECT m.entity, max(m.day) AS last
  FROM v.base_mention_v1 m
  JOIN v.base_library_v1 l ON l.library = m.library AND l.name = 'person'
  JOIN v.class_v1 c ON c.class = m.class AND c.source = 'mzj.grid-visit'
  WHERE m.entity IS NOT NULL AND m.closed_run IS NULL AND m.day <= $day::DATE GROUP BY m.entity
)
-- The town of the dwelling visits, also whoever is registered elsewhere; where no dwelling is known, the county finds out.
SELECT p.entity, coalesce(d.division, CASE WHEN p.kind = '户籍人口' THEN p.division END, '330282') AS division,
       coalesce('上次走访 ' || v.last, '没有走访记录') AS reason,
       coalesce((v.last + INTERVAL 90 DAY)::DATE, $day::DATE) AS due
FROM v.person_v1 p LEFT JOIN visit v ON v.entity = p.entity LEFT JOIN v.dwelling_v1 d ON d.entity = p.dwelling
WHERE p.status = '正常' AND p.birth <= $day::DATE - INTERVAL 80 YEAR
