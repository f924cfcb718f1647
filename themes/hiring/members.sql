-- 最近一个月参保人数与此前三个月平均相比增长 10% 以上且不少于 2 人。 Insured people against the mean of the three months before.
WITH month AS (
  SELECT entity, rece_ym AS ym, sum(mon_insurd_prsons) AS n, max(fact) AS fact
  FROM v.record_rsj_insured_count_v1 WHERE mon_insurd_prsons IS NOT NULL GROUP BY entity, rece_ym
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY entity ORDER BY ym DESC) AS back FROM month
), compared AS (
  SELECT entity, max(n) FILTER (back = 1) AS now, max(fact) FILTER (back = 1) AS fact, avg(n) FILTER (back BETWEEN 2 AND 4) AS before
  FROM placed GROUP BY entity
)
SELECT c.entity, p.division, '参保 ' || c.now || ' 人，前三月平均 ' || round(c.before, 1) || ' 人' AS reason, c.fact, c.now AS insured, round(c.now - c.before, 1) AS more
FROM compared c JOIN v.legal_person_v1 p ON p.entity = c.entity
WHERE c.now >= c.before * 1.1 AND c.now - c.before >= 2
