"""How far a run is, and why it ended: by steps, or by the clock where that ends it sooner."""

from __future__ import annotations

import sys
from pathlib import Path

from tqdm import tqdm

from training.setup_run import Run


def share_done(run: Run) -> float:
    """0..1: by steps, or by the clock where ``optim.minutes`` ends sooner."""
    share = run.progress.step / run.steps
    if minutes := run.experiment.optim.minutes:
        share = max(share, run.progress.seconds / (60 * minutes))
    return min(share, 1.0)


class Bar:
    """A progress bar that counts images, or seconds where the run has a time limit."""

    def __init__(self, run: Run) -> None:
        self._run, self._timed = run, run.experiment.optim.minutes > 0
        total = 60 * run.experiment.optim.minutes if self._timed else run.steps * self._batch
        self._bar = tqdm(
            total=round(total),
            initial=self._done,
            unit="s" if self._timed else "image",
            desc=run.network.name,
            disable=not run.runtime.leads,
            mininterval=1 if sys.stderr.isatty() else 30,
            smoothing=0.05,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} s{postfix}"
            if self._timed
            else None,
        )

    @property
    def _batch(self) -> int:
        return self._run.experiment.optim.batch

    @property
    def _done(self) -> int:
        progress = self._run.progress
        return int(progress.seconds) if self._timed else progress.step * self._batch

    def update(self) -> None:
        """After every step."""
        self._bar.update(min(self._done, self._bar.total) - self._bar.n)

    def tell(self, loss: float) -> None:
        """Show the loss (and with a time limit the steps, which the bar does not count)."""
        steps = {"step": self._run.progress.step} if self._timed else {}
        self._bar.set_postfix({**steps, "loss": f"{loss:.3f}"}, refresh=False)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()


def ending(run: Run, last: Path, best: Path) -> str:
    """Why the run ended after how much, and where its weights are."""
    progress, e = run.progress, run.experiment
    if progress.interrupted:
        why = f"stopped; --resume {last.parent} goes on"
    elif progress.step >= run.steps:
        why = "all steps done"
    elif 0 < e.loop.patience <= progress.stale:
        why = f"no better {e.loop.select} in {progress.stale} validations"
    else:
        why = f"the time limit of {e.optim.minutes:g} minutes (optim.minutes)"
    length = f"{progress.step} steps in {progress.seconds:.0f} s"
    told = f"{run.network.name}: {why}, after {length}: {last}"
    if progress.best is not None and best.exists():
        told += f" (best {e.loop.select} {progress.best:.3f} at step {progress.best_step}: {best})"
    return told
