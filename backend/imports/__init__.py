"""Imports of rosters, reports and statements from spreadsheets: read, preview, commit through the ledger."""
