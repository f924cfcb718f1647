SELECT entity FROM v.record_yjgl_hazard_inspection_v1
WHERE insp_dt > $day::DATE - INTERVAL 365 DAY AND insp_dt <= $day::DATE
