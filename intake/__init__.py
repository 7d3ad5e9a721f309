"""The new-account form, credential checks and their review; accounts are opened by hand until then."""
