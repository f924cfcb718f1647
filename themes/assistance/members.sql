-- 民政部门登记为享受中的救助对象。 Recipients of assistance that is being paid.
SELECT r.entity, coalesce(r.division, w.division) AS division, r.aid_kind AS reason, r.fact, r.aid_kind AS kind, r.month_amt AS amount, r.from_dt AS since_day
FROM v.person_record_mzj_social_assistance_v1 r JOIN v.person_v1 p ON p.entity = r.entity LEFT JOIN v.dwelling_v1 w ON w.entity = p.dwelling
WHERE coalesce(r.stat, '') <> '已停发' AND coalesce(p.status, '') <> '死亡'
