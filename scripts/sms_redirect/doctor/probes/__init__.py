"""One module a part of an SMS's way. Each probe yields findings and makes no change."""
