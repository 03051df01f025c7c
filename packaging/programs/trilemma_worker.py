"""The program `trilemma-worker` of a bundle: the command line, and the server of the window."""

import sys

from solver.worker import main

sys.exit(main())
