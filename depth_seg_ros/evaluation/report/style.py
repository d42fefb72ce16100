"""The report page's style sheet: light and dark, no fonts or files from elsewhere."""

STYLE = """
:root {
  --paper: #fbfbf9; --card: #ffffff; --ink: #1d2126; --soft: #626b75; --rule: #e3e4e0;
  --accent: #1f6f8b; --low: #b4552d; --mark: #eef5f7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1c2024; --ink: #e8eaec; --soft: #9aa4ae; --rule: #2e343a;
    --accent: #5bb3cf; --low: #e08a5e; --mark: #1f2d33;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 16px; letter-spacing: -.01em; }
h2 { font-size: 18px; margin: 40px 0 12px; }
h3 { font-size: 14px; font-weight: 600; margin: 24px 0 8px; overflow-wrap: anywhere; }
dl {
  display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 0;
  font-size: 14px;
}
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(135px, 1fr)); gap: 12px;
  margin-top: 28px;
}
.tile {
  background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
  padding: 12px 14px;
}
.tile span, .tile small { display: block; color: var(--soft); font-size: 12.5px; }
.tile b {
  display: block; font-size: 26px; font-weight: 600; line-height: 1.3;
  font-variant-numeric: tabular-nums;
}
.scroll {
  overflow-x: auto; background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
}
table {
  border-collapse: collapse; width: 100%; font-size: 13.5px;
  font-variant-numeric: tabular-nums;
}
th, td { padding: 7px 12px; text-align: right; white-space: nowrap; }
th:first-child { text-align: left; font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--rule); }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
tr.model { background: var(--mark); font-weight: 600; }
.charts {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr));
  gap: 16px; margin-top: 40px;
}
.charts figure {
  margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
  padding: 14px 16px;
}
.charts figcaption { font-size: 13px; color: var(--soft); margin-bottom: 8px; }
.charts figcaption b { color: var(--ink); display: block; font-size: 14px; }
svg { display: block; width: 100%; height: auto; }
svg line { stroke: var(--rule); }
svg line.zero { stroke: var(--soft); }
svg line.ref { stroke: var(--low); stroke-dasharray: 4 3; }
svg .bar, svg .dot { fill: var(--accent); }
svg .low { fill: var(--low); }
svg .line { fill: none; stroke: var(--accent); stroke-width: 1.6; }
svg .track { fill: var(--rule); opacity: .45; }
svg .class { stroke: var(--soft); stroke-width: .4; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
.panels {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr));
  gap: 10px;
}
.panels figure { margin: 0; }
.panels img { display: block; width: 100%; border-radius: 5px; }
.panels figcaption, .legend { color: var(--soft); font-size: 12.5px; margin: 3px 0 0; }
.ramp { display: inline-block; width: 140px; height: 10px; vertical-align: -1px; border-radius: 2px;
  background: linear-gradient(90deg, #213c82, #6ea0cd, #f7f4ec, #e98252, #96141e); }
details { margin-top: 10px; font-size: 13px; color: var(--soft); }
summary { cursor: pointer; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
ul { padding-left: 20px; margin: 0; font-size: 14px; }
li { overflow-wrap: anywhere; margin: 4px 0; }
@media print { .scroll, .tile, .charts figure { break-inside: avoid; } }
"""
