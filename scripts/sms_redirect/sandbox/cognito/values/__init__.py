"""What the service keeps: frozen values of strings, numbers, tuples and dictionaries, each of which JSON can hold.

A value is never changed in place. `store` keeps the current one of each, and a change puts another in its stead.
"""
