SELECT entity FROM v.record_rsj_insurance_registration_v1 WHERE coalesce(stat, '') <> '注销'
UNION
SELECT entity FROM v.record_sw_social_insurance_payment_v1
WHERE rkrq > $day::DATE - INTERVAL 365 DAY AND rkrq <= $day::DATE
UNION
SELECT entity FROM v.record_rsj_insured_count_v1
WHERE mon_insurd_prsons > 0 AND bill_dt > $day::DATE - INTERVAL 365 DAY AND bill_dt <= $day::DATE
