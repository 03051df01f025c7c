"""How machines are billed where the catalogue has no row: the user's own, and unknown providers."""

from __future__ import annotations

from catalog.schema import Provider, Verified

UNKNOWN_PROVIDER = Provider(
    id="unknown",
    name="a provider without a row of its own",
    billing_grain_hours=1.0,
    billing_minimum_hours=1.0,
    startup_hours=0.3,
    storage_usd_per_gb_month=0.10,
    egress_usd_per_gb=0.12,
    pue=1.25,
    source="assumed: whole hours, the dearest storage and egress of the providers known",
    verified=Verified.NO,
)
"""Stands in where the catalogue does not know how a provider bills; its PUE is the average of
public clouds (idc2025)."""

OWN_MACHINES = Provider(
    id="owned",
    name="the user's own machines",
    billing_grain_hours=1.0 / 60.0,
    startup_hours=0.1,
    storage_usd_per_gb_month=0.0,
    egress_usd_per_gb=0.0,
    pue=1.63,
    source="assumed: no bill but the stated rate; PUE of enterprise buildings, idc2025",
    verified=Verified.NO,
)
"""Stands in for the user's own machines unless the overlay has a provider `owned`."""
