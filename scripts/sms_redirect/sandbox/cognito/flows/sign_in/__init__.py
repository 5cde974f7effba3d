"""InitiateAuth and RespondToAuthChallenge, with their variants for administrators.

`initiate` has a table of flows and `respond` one of challenges; each of them is a module of its own. An `Attempt` goes
from one to the next, and `attempt` knows what follows: a challenge, or tokens.
"""
