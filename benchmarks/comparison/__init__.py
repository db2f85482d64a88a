"""The parts of `compare.py`: cases, peers, measurement, ceilings, report and plots."""
