"""Reference facts as data files, each row with source and status, and the loader that types and checks them."""
