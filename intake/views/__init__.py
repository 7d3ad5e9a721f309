"""The pages of the intake: parse, call a service, answer."""
