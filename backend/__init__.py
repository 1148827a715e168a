"""The running service: HTTP, accounts, summaries, jobs, command line."""

__version__ = "0.1.0"
