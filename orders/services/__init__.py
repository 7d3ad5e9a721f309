"""The verbs of an order's life. Each writes its change and its event in one transaction."""
