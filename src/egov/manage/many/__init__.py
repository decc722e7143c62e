"""Many nodes at once: what is chosen, and long work from its beginning to its end."""
