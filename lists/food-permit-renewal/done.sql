-- Whoever holds one that is valid beyond the 60 days has renewed.
SELECT entity FROM v.record_scjg_food_permit_v1 WHERE val_to > $day::DATE + INTERVAL 60 DAY
