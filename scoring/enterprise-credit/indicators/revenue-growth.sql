-- 营业收入增长率 / Growth of revenue
WITH report AS (
  SELECT entity, annual_year, arg_max(fact, (day, fact)) AS fact, arg_max(struct_pack(
    asset := asset_zmt, debt := debt_amt, income := opt_income_total, net := net_profit), (day, fact)) AS r
  FROM v.record_scjg_annual_report_asset_v1
  WHERE annual_year BETWEEN year($day) - 3 AND year($day) AND day <= $day
  GROUP BY entity, annual_year
)
SELECT a.entity, (a.r.income - b.r.income)::DOUBLE / b.r.income AS value, [a.fact, b.fact] AS facts, 2 AS n
FROM report a JOIN report b ON b.entity = a.entity AND b.annual_year = a.annual_year - 1
WHERE b.r.income > 0 AND a.r.income IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY a.entity ORDER BY a.annual_year DESC) = 1
