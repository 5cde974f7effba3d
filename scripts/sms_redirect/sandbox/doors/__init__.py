"""Who may talk to the sandbox's ports, and how much they may send."""
