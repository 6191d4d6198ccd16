"""What a branch owes in a year (三会一课 and the other regular meetings), what it has held, and where it falls behind."""
