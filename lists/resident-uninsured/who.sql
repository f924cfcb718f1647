SELECT entity, division, '户籍居民无医保参保记录' AS reason, make_date(year($day::DATE), 12, 31) AS due
FROM v.person_v1 WHERE kind = '户籍人口' AND status = '正常'
