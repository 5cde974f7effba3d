"""What the acceptance suite is made of. It runs against an AWS account (`--aws`), else against the sandbox."""
