"""Every SMS that a user pool can send, on one page: of a pool that is there, or of a template for one."""
