"""The mixed-integer program: the only room that imports Pyomo or HiGHS."""
