"""Full-text search: an index outside the database, derived from it, with the reader's rights inside every query."""
