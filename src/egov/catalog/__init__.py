"""Structured indexes keyed by container, and listings that know the reader's rights."""
