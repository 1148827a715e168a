"""The sweeps: each check of `schemas.checks` as one set-based statement, and the findings they leave."""
