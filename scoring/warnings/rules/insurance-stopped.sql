-- 社保断缴 / Social insurance no longer paid
-- 缴过至少六个月，最近三个月没有入库：值为断缴月数
WITH paid AS (
  SELECT entity, max(day) AS last, count(DISTINCT date_trunc('month', day)) AS months, max(fact, 12) AS facts
  FROM v.record_sw_social_insurance_payment_v1
  WHERE day > $day - INTERVAL 15 MONTH AND day <= $day
  GROUP BY entity
)
SELECT entity, last::VARCHAR AS matter, last AS day, date_diff('month', last, $day) AS value, facts
FROM paid
WHERE months >= 6 AND last <= $day - INTERVAL 3 MONTH
