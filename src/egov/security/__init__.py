"""Who may do what, and why: principals, grants, the policy, passwords, sessions, throttling."""
