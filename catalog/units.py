"""The only conversion factors of the project.

Inside the program every quantity has one unit (bytes, FLOP/s, hours, US dollars, ratios). Other
units exist in catalogue files, in the window and in exports; they are converted here.
"""

BYTES_PER_GB = 1e9
"""Decimal gigabyte, the unit of `peak_mem_gb` and of storage prices. [byte/GB]"""

BYTES_PER_GIB = float(2**30)
"""Binary gigabyte, the unit in which accelerators state memory. [byte/GiB]"""

FLOP_PER_TFLOP = 1e12
"""[FLOP/TFLOP]"""

BYTES_PER_GBIT = 1e9 / 8.0
"""Network line rates are decimal gigabits. [byte/Gbit]"""

SECONDS_PER_HOUR = 3600.0
"""[s/h]"""

HOURS_PER_DAY = 24.0
"""[h/d]"""

HOURS_PER_MONTH = 730.0
"""A month of storage, 365 d / 12. [h/month]"""

WATTS_PER_KILOWATT = 1000.0
"""[W/kW]"""

GRAMS_PER_KILOGRAM = 1000.0
"""[g/kg]"""

PERCENT = 100.0
"""[1/ratio]"""

BITS_PER_BYTE = 8.0
"""Bits in a byte. [bit/byte]"""

MILLISECONDS_PER_SECOND = 1000.0
"""Milliseconds in a second. [ms/s]"""
