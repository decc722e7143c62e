"""The pure state machine: tables of states, transitions and roles; knows no node and no request."""
