"""What may be done to applications, their checks, papers and questions."""
