//! What a server does beside running jobs: promotion, recurring jobs, rescue, retention, statistics.
