COPY {schema}.ready (queue, priority, id, kind, once, suspect) FROM STDIN (FORMAT binary)
