"""From county figures upward: sums over regions and basins, goals, states."""
