"""Patients and their orders, from the prescriber's form to the pharmacist's decision."""
