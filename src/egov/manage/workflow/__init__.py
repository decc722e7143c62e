"""The workflow tables of the office: to read, to change, and where each holds."""
