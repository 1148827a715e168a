"""What could not be applied: listed, and sent in again once its cause is mended."""
