"""The operations: a module for each flow. Each takes the shared `Context` and a `Call`, and returns a document.

State is read and changed in one `context.store.transaction()` where it must stay as it was read, and nothing is awaited
inside one: so of several calls at once one wins, and a trigger may call back.
"""
