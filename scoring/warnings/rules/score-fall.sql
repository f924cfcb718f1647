-- 信用分骤降 / Score has fallen
SELECT entity, run::VARCHAR AS matter, day, change AS value, NULL::BIGINT[] AS facts
FROM v.credit_score_v1
WHERE run = (SELECT max(run) FROM v.credit_score_run_v1 WHERE finished IS NOT NULL AND model = 'enterprise-credit') AND change <= -50
  AND version = (SELECT b.version FROM v.credit_score_run_v1 a JOIN v.credit_score_run_v1 b ON b.run = a.before_run
    WHERE a.run = (SELECT max(run) FROM v.credit_score_run_v1 WHERE finished IS NOT NULL AND model = 'enterprise-credit'))
