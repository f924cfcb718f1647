-- 参评对象：未注销的法人和个体工商户 / Who is scored: everyone whose registration was not cancelled
SELECT entity FROM v.legal_person_v1
WHERE name IS NOT NULL AND coalesce(status, '') NOT LIKE '%注销%'
