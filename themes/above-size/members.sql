-- 最近半年有统计月报的企业。 Enterprises with a monthly report in the last half year.
WITH latest AS (
  SELECT entity, arg_max({'fact': fact, 'month': stat_month, 'staff': avg_staff}, (stat_month, fact)) AS r, count(*) AS months
  FROM v.record_tjj_enterprise_monthly_v1 WHERE report_dt >= $day::DATE - INTERVAL 6 MONTH GROUP BY entity
)
SELECT l.entity, p.division, '最近统计月报 ' || l.r.month AS reason, l.r.fact AS fact, l.r.staff AS staff
FROM latest l JOIN v.legal_person_v1 p ON p.entity = l.entity
