-- 在册且未死亡、未离开的六十周岁以上人员。 People of sixty and more who live here.
SELECT p.entity, coalesce(w.division, p.division) AS division,
  CASE WHEN p.birth <= $day::DATE - INTERVAL 80 YEAR THEN '八十周岁以上高龄' ELSE '六十周岁以上' END AS reason, NULL AS fact,
  date_diff('year', p.birth, $day::DATE) - (strftime(p.birth, '%m%d') > strftime($day::DATE, '%m%d'))::INTEGER AS age
FROM v.person_v1 p LEFT JOIN v.dwelling_v1 w ON w.entity = p.dwelling
WHERE p.status = '正常' AND p.birth <= $day::DATE - INTERVAL 60 YEAR
