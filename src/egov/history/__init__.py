"""What happened: the audit log of the whole site group, and the trail of each node."""
