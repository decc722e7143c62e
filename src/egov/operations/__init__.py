"""Everything that can be done, as functions without request; web, commands and jobs call the same ones."""
