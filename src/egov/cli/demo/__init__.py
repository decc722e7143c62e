"""A demo city, so that every page has something to show."""
