"""What happened: the append-only history that is also the outbox."""
