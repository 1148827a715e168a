"""The demo: simulated phones that fill real counties through the HTTP interface. It never touches a real database."""
