-- 现住人数五人以上，分属两户以上或有人不在本市立户。 Five people and more out of several households or without one.
WITH living AS (
  SELECT dwelling AS entity, count(*) AS people, count(DISTINCT household) AS households, count(*) FILTER (WHERE household IS NULL) AS without
  FROM v.person_v1 WHERE dwelling IS NOT NULL AND status = '正常' GROUP BY dwelling
)
SELECT l.entity, w.division, '现住 ' || l.people || ' 人' AS reason, NULL AS fact, l.people, l.households, round(w.area / l.people, 1) AS area_each
FROM living l JOIN v.dwelling_v1 w ON w.entity = l.entity
WHERE l.people >= 5 AND (l.households > 1 OR l.without > 1)
