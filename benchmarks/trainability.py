"""Success against length over all cores: a table that the Training page can open.

    pip install joblib
    python -m benchmarks.trainability --lengths 5 10 20 30 40 50 75 100 --seeds 20 --budget 2000 trainability.csv

Resumable: runs that are in the table already are not done again. joblib can hand the work to a cluster: register its
Dask or Ray backend and wrap the call in `joblib.parallel_config`.
"""

import argparse
import os
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")  # one thread per process

from explorer.training.trainability import BUDGET, LENGTHS, SEEDS, from_csv, jobs, solve, to_csv


def main():
    """Read what is there, do what is missing, write after every batch."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--budget", type=int, default=BUDGET)
    parser.add_argument("--cores", type=int, default=-1, help="-1: all")
    asked = parser.parse_args()
    try:
        from joblib import Parallel, delayed
    except ImportError:
        parser.exit(1, "joblib is not installed: pip install joblib\n")

    results, budget = from_csv(asked.table.read_text("utf-8")) if asked.table.exists() else ({}, asked.budget)
    if budget != asked.budget:
        parser.exit(1, f"{asked.table} was made with a budget of {budget}: choose that, or another file\n")
    left = [job for job in jobs(asked.lengths, asked.seeds) if job not in results]
    work = Parallel(n_jobs=asked.cores, return_as="generator")(delayed(solve)(job, budget) for job in left)
    for done, (job, needed) in enumerate(zip(left, work, strict=True), 1):
        results[job] = needed
        asked.table.write_text(to_csv(results, budget), "utf-8")
        print(f"{done} of {len(left)}: {job} {f'after {needed} updates' if needed else 'not solved'}", flush=True)


if __name__ == "__main__":
    main()
