"""Telling people what happened: the bell in the app and e-mail, from the events that are the outbox."""
