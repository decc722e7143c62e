"""What stands in the tree: lists and items, where they stand, the blocks of pages, the trash."""
