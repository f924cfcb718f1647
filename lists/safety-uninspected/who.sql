SELECT s.entity, p.division, '持有有效许可，近一年未检查' AS reason,
       coalesce((l.last + INTERVAL 365 DAY)::DATE, (s.first + INTERVAL 365 DAY)::DATE) AS due
FROM (SELECT entity, min(issue_dt) AS first FROM v.record_yjgl_safety_permit_v1
      WHERE val_to >= $day::DATE AND issue_dt <= $day::DATE - INTERVAL 365 DAY GROUP BY entity) s
JOIN v.legal_person_v1 p ON p.entity = s.entity
LEFT JOIN (SELECT entity, max(insp_dt) AS last FROM v.record_yjgl_hazard_inspection_v1 WHERE insp_dt <= $day::DATE
           GROUP BY entity) l ON l.entity = s.entity
WHERE p.status = '存续'
