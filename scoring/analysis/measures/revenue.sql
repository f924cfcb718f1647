SELECT entity, 10000 * arg_max(opt_income_total, (annual_year, fact)) AS value FROM v.record_scjg_annual_report_asset_v1
WHERE opt_income_total IS NOT NULL AND annual_year BETWEEN year($day) - 2 AND year($day)
GROUP BY entity
