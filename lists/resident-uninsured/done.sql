SELECT m.entity FROM v.base_mention_v1 m
JOIN v.base_library_v1 l ON l.library = m.library AND l.name = 'person'
JOIN v.class_v1 c ON c.class = m.class AND c.source = 'ybj.insured-person'
WHERE m.entity IS NOT NULL AND m.closed_run IS NULL
