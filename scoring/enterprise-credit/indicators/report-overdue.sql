-- 年报逾期年数 / Years without annual report
SELECT entity, greatest(0, year($day) - 1 - max(annual_year)) AS value, [arg_max(fact, annual_year)] AS facts, 1 AS n
FROM v.record_scjg_annual_report_asset_v1
WHERE annual_year <= year($day)
GROUP BY entity
