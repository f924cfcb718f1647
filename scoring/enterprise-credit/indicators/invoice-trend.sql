-- 开票金额变化（近半年比前半年） / Invoicing, half-year on half-year
WITH half AS (
  SELECT entity, sum(inv_amt) FILTER (WHERE day > $day - INTERVAL 6 MONTH) AS late,
    sum(inv_amt) FILTER (WHERE day <= $day - INTERVAL 6 MONTH) AS early, max(fact, 12) AS facts, count(*) AS n
  FROM v.record_sw_invoice_summary_v1
  WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
  GROUP BY entity
)
SELECT entity, (coalesce(late, 0) - early)::DOUBLE / early AS value, facts, n
FROM half
WHERE early > 0
