"""Patients and their prescription orders, from the prescriber's form to the pharmacist's decision."""
