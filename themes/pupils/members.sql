-- 教育部门当前学籍中的学生。 Pupils as the education bureau lists them now.
SELECT r.entity, coalesce(w.division, p.division) AS division, coalesce(r.grade, '在校') || '在读' AS reason, r.fact, r.grade, r.enrol_dt AS enrolled
FROM v.person_record_jyj_pupil_v1 r JOIN v.person_v1 p ON p.entity = r.entity LEFT JOIN v.dwelling_v1 w ON w.entity = p.dwelling
