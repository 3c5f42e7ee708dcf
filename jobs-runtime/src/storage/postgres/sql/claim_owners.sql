SELECT fence, claimed_at, ids FROM {schema}.claim WHERE server = $1 AND fence = ANY ($2) ORDER BY fence FOR UPDATE
