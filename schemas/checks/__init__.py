"""What is looked for across reports: named checks, their texts and thresholds. The sweeps are in `backend.checks`."""
