"""The pages: what a browser shows, and how it is given out."""
