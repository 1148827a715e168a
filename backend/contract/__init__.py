"""What is generated from the catalogue for those outside: schemas, types, the method page, and the published forms."""
