"""What needs looking after: texts that age, columns, the search, the condition of the whole."""
