"""Forms turn what was typed into domain values; they neither save nor send."""
