"""What accuracy.py, cost.py and scaling.py are made of: they measure for the pages in docs/."""
