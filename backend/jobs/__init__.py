"""What a running process does by itself, at intervals: each job triggers a function that a command can run too."""
