"""Solves a bring-your-own-scores folder with OR-tools' SimpleMinCostFlow and prints one line of JSON.

Usage: ortools_solve.py DIR. The model is the usual one: source -> coachees -> coaches -> sink, with a
free arc from source to sink for those who stay without a coach.
"""

import json
import resource
import sys
import time

import numpy
import pandas
from ortools.graph.python import min_cost_flow


def main(folder):
    started = time.perf_counter()
    coaches = pandas.read_csv(f"{folder}/coaches.csv", dtype={"coach": str})
    coachees = pandas.read_csv(f"{folder}/coachees.csv", dtype={"coachee": str}, usecols=["coachee"])
    edges = pandas.read_csv(f"{folder}/edges.csv", dtype={"coachee": str, "coach": str})
    n, m = len(coachees), len(coaches)
    row = pandas.Index(coachees["coachee"]).get_indexer(edges["coachee"])
    column = pandas.Index(coaches["coach"]).get_indexer(edges["coach"])
    weight = edges["weight"].to_numpy(dtype=numpy.int64)
    read = time.perf_counter()

    source, sink = n + m, n + m + 1
    everybody, everyone = numpy.arange(n), numpy.arange(m)
    tails = numpy.concatenate([numpy.full(n, source), row, n + everyone, [source]])
    heads = numpy.concatenate([everybody, n + column, numpy.full(m, sink), [sink]])
    capacity = coaches["capacity"].to_numpy(dtype=numpy.int64)
    capacities = numpy.concatenate([numpy.ones(n + len(edges), dtype=numpy.int64), capacity, [n]])
    costs = numpy.concatenate([numpy.zeros(n, dtype=numpy.int64), -weight, numpy.zeros(m + 1, dtype=numpy.int64)])
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
    flow.set_nodes_supplies(numpy.array([source, sink]), numpy.array([n, -n]))
    built = time.perf_counter()
    status = flow.solve()
    solved = time.perf_counter()
    if status != flow.OPTIMAL:
        sys.exit(f"OR-tools says {status}")
    matched = int(flow.flows(numpy.arange(n, n + len(edges))).sum())
    print(json.dumps({
        "total": -int(flow.optimal_cost()),
        "matched": matched,
        "read_seconds": round(read - started, 3),
        "build_seconds": round(built - read, 3),
        "solve_seconds": round(solved - built, 3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }))


if __name__ == "__main__":
    main(sys.argv[1])
