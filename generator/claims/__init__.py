"""What others said, held against the data: ``content/claims.yml`` → verdicts."""
