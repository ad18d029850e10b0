"""Tables of the results."""
from __future__ import annotations
import json
from pathlib import Path
from benchmarks.plans.contenders import BUDGETS
from benchmarks.plans.statistics import compare, mean

def show_results(folder):
    for path in sorted((folder or Path(__file__).parent/"results").glob("*.json")):
        r = json.loads(path.read_text())
        budgets=[b for b in BUDGETS if b<=r["budgets_to"]]
        print(r["family"], r["variant"], "runs", r["runs"])
        print(f"{'':14}"+"".join(f"{b:>18}" for b in budgets)+"   s/run")
        for n in r["regret"]:
            row=f"{n:14}"
            for b in budgets:
                m=mean(r,n,b)
                c=compare(r,n,b) if n!="plan" and "plan" in r["regret"] else None
                row+= f"{'-' if m is None else f'{m:.3f}':>8}"+(f" {100*c.wins:3.0f}%{c.verdict[:1].upper() if c.verdict!='level' else ' '}{c.tasks_won:>2}" .rjust(10) if c else " "*10)
            print(row, r["seconds"].get(n))
