-- 用电量变化（近三月比前三至十二月） / Power use, last quarter on the nine months before
WITH monthly AS (
  SELECT entity, date_trunc('month', day) AS month, date_trunc('month', day) > $day - INTERVAL 4 MONTH AS recent,
    sum(elec_qty) AS qty, max(fact) AS fact
  FROM v.record_gysy_electricity_use_v1
  WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
  GROUP BY ALL
), part AS (
  SELECT entity, avg(qty) FILTER (WHERE recent) AS late,
    avg(qty) FILTER (WHERE NOT recent) AS early, list(fact) AS facts, count(*) AS n
  FROM monthly
  GROUP BY entity
)
SELECT entity, (late - early) / early AS value, facts, n
FROM part
WHERE early > 0 AND late IS NOT NULL
