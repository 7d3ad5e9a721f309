"""The formulary as the rules read it, the shipped file stored as rows, and the pharmacist's changes."""

from formulary.services.loading import load_formulary
from formulary.services.seeding import seed

__all__ = ["load_formulary", "seed"]
