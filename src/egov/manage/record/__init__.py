"""What was done: with a node, with all below it, by anybody; and what of it can be taken back."""
