"""A treatment-tracking portal for scalp micro-needling: from enquiry to a reviewed photo.

`portal.app.create_app` puts it together; `portal.features` lists what it can do; `docs/architecture.md` is the map.
"""

__version__ = "0.1.0"
