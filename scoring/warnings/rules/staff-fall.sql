-- 参保人数骤降 / Insured staff has fallen
-- 近三月平均参保人数比此前九个月下降四成以上，且原来不少于五人
WITH part AS (
  SELECT entity, max(day) AS day, avg(mon_insurd_prsons) FILTER (WHERE day > $day - INTERVAL 3 MONTH) AS late,
    avg(mon_insurd_prsons) FILTER (WHERE day <= $day - INTERVAL 3 MONTH) AS early, max(fact, 12) AS facts
  FROM v.record_rsj_insured_count_v1
  WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
  GROUP BY entity
)
SELECT entity, date_trunc('quarter', day)::DATE::VARCHAR AS matter, day, (late - early) / early AS value, facts
FROM part
WHERE early >= 5 AND late < 0.6 * early
