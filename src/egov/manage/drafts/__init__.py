"""Texts and files on their way in: written, chosen, imported, merged, replaced, shown to others."""
