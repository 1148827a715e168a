"""What a reviewing office sees and does: its queue, a report with its history, many at once, its turnaround."""
