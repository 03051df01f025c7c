"""The program `trilemma` of a bundle: the window; commands go on to `trilemma-worker`."""

import sys

from gui.__main__ import main

sys.exit(main())
