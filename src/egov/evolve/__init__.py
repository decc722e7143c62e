"""Upgrade steps: what a newer egov changes in a database that an older one has made.

`steps` lists them, each with its number for ever; `running` does them in small transactions and remembers in the
database how far it has come; `record` is that memory.
"""
