"""The engine room: ZODB's FileStorage with its known holes closed, and what watches over its files.

`engine` is the storage, `guard` decides whether it may open, `sums` knows every transaction by its checksum;
`scrub`, `backup`, `restore` and `convert` work on the files. No other room knows which storage is in use.
"""
