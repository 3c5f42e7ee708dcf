(SELECT DISTINCT child AS id FROM jobs_edge WHERE released = 0)
