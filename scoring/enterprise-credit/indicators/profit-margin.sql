-- 销售净利率 / Net profit margin
WITH report AS (
  SELECT entity, annual_year, arg_max(fact, (day, fact)) AS fact, arg_max(struct_pack(
    asset := asset_zmt, debt := debt_amt, income := opt_income_total, net := net_profit), (day, fact)) AS r
  FROM v.record_scjg_annual_report_asset_v1
  WHERE annual_year BETWEEN year($day) - 3 AND year($day) AND day <= $day
  GROUP BY entity, annual_year
)
SELECT entity, r.net::DOUBLE / r.income AS value, [fact] AS facts, 1 AS n
FROM report
WHERE r.income > 0 AND r.net IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY entity ORDER BY annual_year DESC) = 1
