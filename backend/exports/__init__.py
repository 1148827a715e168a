"""What leaves the service as a file: figures and reports as workbooks, tables, geodata and printed pages."""
