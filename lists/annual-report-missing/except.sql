-- Who is in bankruptcy proceedings is excused.
SELECT entity FROM v.record_fy_bankruptcy_v1
