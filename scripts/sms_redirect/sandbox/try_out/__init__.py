"""What the inbox's Preview tab may do in a sandbox: put texts into pools, and drive real flows with made-up users.

Everything goes through the sandbox's own API, as a client's calls would.
"""
