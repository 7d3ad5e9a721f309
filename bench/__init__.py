"""Figures, not gates: ratios against bare Django views in the same run."""
