"""Where a day's work begins: what waits for a person, what they were told, what they look for."""
