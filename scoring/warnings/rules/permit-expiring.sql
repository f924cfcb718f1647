-- 许可即将到期 / Permit about to expire
SELECT entity, max(fact)::VARCHAR AS matter, min(val_to) AS day, count(*) AS value, max(fact, 12) AS facts
FROM v.record_scjg_permit_v1
WHERE coalesce(type, '有效') = '有效' AND val_to BETWEEN $day AND $day + INTERVAL 30 DAY
GROUP BY entity
