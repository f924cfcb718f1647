SELECT entity FROM v.record_scjg_annual_report_asset_v1
WHERE annual_year = year($day::DATE) - 1 AND coalesce(report_dt, make_date(year($day::DATE), 1, 1)) <= $day::DATE
