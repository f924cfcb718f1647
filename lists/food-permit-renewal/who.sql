-- The last permit of a holder that still stands ends within 60 days or ended within a year.
SELECT l.entity, p.division, '食品经营许可' || l.until || '到期' AS reason, l.until AS due
FROM (SELECT entity, max(val_to) AS until FROM v.record_scjg_food_permit_v1 WHERE val_to IS NOT NULL GROUP BY entity) l
JOIN v.legal_person_v1 p ON p.entity = l.entity
WHERE p.status = '存续' AND l.until BETWEEN $day::DATE - INTERVAL 365 DAY AND $day::DATE + INTERVAL 60 DAY
