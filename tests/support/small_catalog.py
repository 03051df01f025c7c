"""A catalogue of a few machines at made-up prices, beside the shipped models and methods."""

from datetime import date

from catalog.load import load_catalog
from catalog.schema import Grid, Offer, Pricing, Provider, Verified
from catalog.tables import catalog_of

TODAY = date(2026, 11, 25)


def offer(provider="north", sku="box", **given):
    """A machine of one T4 at a dollar an hour, read today."""
    told = {
        "region": "here",
        "pricing": Pricing.ON_DEMAND,
        "accelerator": "T4",
        "gpus_per_instance": 1,
        "usd_per_hour": 1.0,
        "price_date": TODAY,
        "source": "made up",
        "verified": Verified.YES,
    }
    return Offer(provider=provider, sku=sku, **{**told, **given})


def provider(name="north", **given):
    """A provider that bills by the second and charges for nothing else."""
    told = {
        "billing_grain_hours": 1 / 3600,
        "startup_hours": 0.1,
        "storage_usd_per_gb_month": 0.0,
        "egress_usd_per_gb": 0.0,
        "pue": 1.2,
        "source": "made up",
        "verified": Verified.YES,
    }
    return Provider(id=name, name=name, **{**told, **given})


def grid(region="here", grams=300.0):
    """A place's electricity."""
    return Grid(
        region=region, place=region, grams_co2_per_kwh=grams, method="made up", source="made up"
    )


HERE = grid()
SHIPPED = load_catalog()


def catalog(offers, providers=(), grids=(HERE,)):
    """The shipped accelerators with other machines, and nothing to train."""
    return catalog_of(
        accelerators=[SHIPPED.accelerators[name] for name in ("T4", "L4", "Inferentia2")],
        offers=offers,
        grids=grids,
        providers=providers or [provider(o.provider) for o in offers],
        aliases=SHIPPED.aliases,
    )


def market(offers, providers=(), grids=(HERE,)):
    """The shipped catalogue with other machines."""
    names = ["accelerators", "models", "methods", "precisions", "tasks", "sources"]
    return catalog_of(
        **{name: getattr(SHIPPED, name).values() for name in names},
        offers=offers,
        scores=SHIPPED.scores,
        grids=grids,
        providers=providers or [provider(o.provider) for o in offers],
        aliases=SHIPPED.aliases,
    )
