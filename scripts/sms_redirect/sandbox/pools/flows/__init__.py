"""The SMS flows over the emulator's own user pools: until sandbox/cognito answers everything."""
