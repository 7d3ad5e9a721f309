"""Pages: the practice's (orders), the signing and the pharmacist's (queue)."""
