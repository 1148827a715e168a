"""What the data is: vocabulary, forms, formulas, wire models and tables. No I/O, no SQL statements, no FastAPI."""
