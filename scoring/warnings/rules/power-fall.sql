-- 用电量骤降 / Power use has fallen
-- 近三月平均比此前九个月下降一半以上，且原来不是零星用电
WITH monthly AS (
  SELECT entity, date_trunc('month', day) AS month, sum(elec_qty) AS qty, max(fact) AS fact
  FROM v.record_gysy_electricity_use_v1
  WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
  GROUP BY ALL
), part AS (
  SELECT entity, max(month) AS month, avg(qty) FILTER (WHERE month > $day - INTERVAL 4 MONTH) AS late,
    avg(qty) FILTER (WHERE month <= $day - INTERVAL 4 MONTH) AS early, list(fact) AS facts
  FROM monthly
  GROUP BY entity
)
SELECT entity, date_trunc('quarter', month)::DATE::VARCHAR AS matter, month::DATE AS day, (late - early) / early AS value, facts
FROM part
WHERE early >= 200 AND late < 0.5 * early
