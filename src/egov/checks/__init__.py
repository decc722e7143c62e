"""Checks before submission: pure functions over what is written, each naming what it found and where."""
