"""The recipe of the bilingual static encoder: `python -m matching.training build --out FOLDER`."""
