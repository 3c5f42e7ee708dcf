DELETE FROM jobs_outcome WHERE (outcome, id) IN (
    SELECT state.column1, unhex(member.value) FROM json_each(?1) AS member, (VALUES (5), (6)) AS state)
