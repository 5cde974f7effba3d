"""Attaching and detaching by hand: the attachment function's own plans and changes, with a person's credentials."""
