"""The search for persons recorded twice: what it finds, what it suspects wrongly, how fast it is.

    python -m benchmarks.bench_duplicates [persons=20000]

So many persons of common names in twenty communes, one in twenty of them in a pair of which it is
known whether it is one person: written in another commune, without marks, in another order, with a
slip of the pen, day and month swapped, only the year, one digit wrong; and twins, and others who
share name and day or name alone. All of them are written as officers write them and then compared,
in portions. The floor asks the same statements for candidates, portion by portion, and compares
nobody.
"""

import asyncio
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import batched
from uuid import UUID

import asyncpg

from libs.common.areas import store as areas
from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.roles import run_loop
from services.registry.duplicates import store
from services.registry.duplicates.work import PORTION, compare_next
from tests.integration.registry.builders import TODAY
from tests.support.alike import KINDS, Couple, Someone, Writer, record
from tests.support.areas import pac_nam
from tests.support.servers import clone_database, drop_database, drop_run
from tests.support.vault import VAULT
