"""Pixels as numbers: laying one photo over another, and indices of a region. No table, no page, no clinic.

NumPy and OpenCV are loaded only inside the caged child (`imaging.child`); `imaging.measure` is how the portal asks it.
"""
