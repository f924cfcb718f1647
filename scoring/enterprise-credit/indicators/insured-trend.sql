-- 参保人数变化（近三月比前三至十二月） / Insured staff, last quarter on the nine months before
WITH part AS (
  SELECT entity, avg(mon_insurd_prsons) FILTER (WHERE day > $day - INTERVAL 3 MONTH) AS late,
    avg(mon_insurd_prsons) FILTER (WHERE day <= $day - INTERVAL 3 MONTH) AS early, max(fact, 12) AS facts, count(*) AS n
  FROM v.record_rsj_insured_count_v1
  WHERE day > $day - INTERVAL 12 MONTH AND day <= $day
  GROUP BY entity
)
SELECT entity, (late - early) / early AS value, facts, n
FROM part
WHERE early > 0 AND late IS NOT NULL
