-- 公安部门当前登记的出租房屋。 Dwellings registered as let.
SELECT r.entity, coalesce(r.division, w.division) AS division, '登记居住 ' || coalesce(r.tenants, 0) || ' 人' AS reason, r.fact, r.tenants, r.rooms, r.risk_level AS risk
FROM v.dwelling_record_gaj_rental_house_v1 r JOIN v.dwelling_v1 w ON w.entity = r.entity
