"""People: their accounts, units and groups, what each of them may do, and why."""
