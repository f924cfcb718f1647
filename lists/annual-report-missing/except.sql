-- Who is in bankruptcy proceedings is excused.
SELECT entity FROM v.class_fy_bankruptcy_v1
