"""Why did no SMS come? Probes of a stack, its pool, its sender and its subscribers, and one verdict."""
