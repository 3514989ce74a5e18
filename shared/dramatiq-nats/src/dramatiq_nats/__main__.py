"""``python -m dramatiq_nats`` is the command ``dramatiq-nats``."""

import sys

from dramatiq_nats.cli import main

sys.exit(main())
