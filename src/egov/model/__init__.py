"""The persistent kernel: nodes, containers, items with editions, stored files, the type registry.

The path of a persistent class is a storage format: a class that moves needs an upgrade step.
"""
