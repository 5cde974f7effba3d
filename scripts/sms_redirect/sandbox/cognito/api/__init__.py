"""The door of the user pools service: a request in, a response out, both held against the API model."""
