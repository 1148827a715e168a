"""Personal data: keys and their rotation, erasure, retention, and what is held on a person."""
