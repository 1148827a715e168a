"""What a sample says of the whole: ratio estimates with their intervals, and samples drawn by risk."""
