DELETE FROM {schema}.occurrence AS occurrence
USING {schema}.job AS job
WHERE job.id = ANY ($1) AND job.recurring IS NOT NULL
    AND occurrence.recurring = job.recurring AND occurrence.at = job.occurrence
