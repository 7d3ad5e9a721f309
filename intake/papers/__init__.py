"""Judging papers that strangers send: what they are by content, and what is refused. No models."""
