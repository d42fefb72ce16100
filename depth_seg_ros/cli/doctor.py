"""What this machine can do, what ``auto`` would take and why, what is broken and its cure.

Changes nothing and builds nothing. Ends with 1 only where the main job, a shipped model run on an
image, cannot be done.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from depth_seg_ros.doctor import bug_report
from depth_seg_ros.doctor.findings import healthy, to_dict
from depth_seg_ros.doctor.page import examine, render
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("doctor", __doc__)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument(
        "--bug-report", type=Path, metavar="FILE.zip",
        help="also pack the page and the last logs, without names of users, hosts and places",
    )  # fmt: skip
    arguments = parser.parse_args(argv)

    def work() -> int:
        findings = examine()
        told = to_dict(findings)
        print(
            json.dumps(told, indent=1, ensure_ascii=False) if arguments.json else render(findings)
        )
        if arguments.bug_report:
            bug_report.pack(arguments.bug_report, findings, bug_report.log_files())
            print(f"packed: {arguments.bug_report}; read it before you send it", file=sys.stderr)
        return 0 if healthy(findings) else 1

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
