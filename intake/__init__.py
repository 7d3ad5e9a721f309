"""The new-account form and its review; until it stands, accounts are opened by hand."""
