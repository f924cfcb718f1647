-- Enterprises (codes 91 without individual households) that stood before this year began report on last year by 30 June.
SELECT entity, division,
       '未报送' || (year($day::DATE) - 1) || '年度报告' AS reason,
       make_date(year($day::DATE), 6, 30) AS due
FROM v.legal_person_v1
WHERE starts_with(uscc, '91') AND status = '存续' AND established < make_date(year($day::DATE), 1, 1)
