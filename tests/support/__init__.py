"""What several suites build their cases with."""
