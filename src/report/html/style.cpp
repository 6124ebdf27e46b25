// The page's own style sheet, a constant per part. Nothing in it is fetched: no url(), no @import, no font.
#include "report/html/page_parts.h"

namespace godwit::report::html {

namespace {

// Named twice: light, and dark when the reader prefers it. A test computes their contrast.
constexpr std::string_view colours = R"css(:root {
  --page: #f4f6f8; --surface: #ffffff; --ink: #17202b; --dim: #566273; --line: #dce2e9; --track: #edf0f4;
  --accent: #0b6a75; --good: #16703a; --warn: #8a5300; --bad: #b91f1f; --info: #1d5bb0; --off: #66717f;
  --good-soft: #e5f4ea; --warn-soft: #fdf1dc; --bad-soft: #fdeaea; --info-soft: #e6effb; --plain-soft: #eceff3;
  --store-0: #2a6fdb; --store-1: #0f8a7e; --store-2: #b4570a; --store-3: #8a4bc4; --store-4: #c2335f; --store-5: #5b7a10;
  --store-6: #4d6a8a; --store-7: #84573f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1218; --surface: #151c24; --ink: #e6ebf1; --dim: #a1adbb; --line: #2a3541; --track: #212b36;
    --accent: #5cc6cf; --good: #5ccb7d; --warn: #e5ae4c; --bad: #ff8b83; --info: #83b4ff; --off: #97a3b1;
    --good-soft: #12301f; --warn-soft: #352711; --bad-soft: #3b1a1b; --info-soft: #172a45; --plain-soft: #232d38;
    --store-0: #6ea8ff; --store-1: #3fc1b0; --store-2: #e69a4e; --store-3: #c39af2; --store-4: #f27ea0; --store-5: #a9c653;
    --store-6: #93b3d3; --store-7: #cfa68f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5; font-size: 15px;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
code, .num, td.n { font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.88em; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.wrap { max-width: 1240px; margin: 0 auto; padding: 0 16px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.dim { color: var(--dim); }
)css";

constexpr std::string_view page =
    R"css(header { background: var(--surface); border-bottom: 1px solid var(--line); border-top: 6px solid var(--tone); padding: 20px 0 22px; }
.tone-good { --tone: var(--good); --soft: var(--good-soft); } .tone-warn { --tone: var(--warn); --soft: var(--warn-soft); }
.tone-bad { --tone: var(--bad); --soft: var(--bad-soft); } .tone-info { --tone: var(--info); --soft: var(--info-soft); }
.brand { display: flex; align-items: center; gap: 8px; margin: 0; color: var(--accent); font-size: 15px; }
.brand b { font-size: 17px; letter-spacing: 0.02em; }
.brand span { color: var(--dim); }
h1 { margin: 14px 0 2px; font-size: clamp(24px, 4vw, 36px); line-height: 1.15; font-weight: 400; }
h1 b { font-weight: 700; }
.route { margin: 0 0 14px; color: var(--dim); font-size: 17px; }
.route span { color: var(--ink); font-weight: 600; }
.route i { font-style: normal; margin: 0 4px; }
.verdict { display: flex; align-items: center; gap: 12px; margin: 14px 0 18px; padding: 12px 16px; border-radius: 10px; background: var(--soft); }
.verdict strong { color: var(--tone); font-size: 18px; margin-right: 6px; }
.verdict svg { flex: none; fill: none; stroke: var(--surface); stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round; }
.verdict circle { fill: var(--tone); stroke: none; }
.facts { display: flex; flex-wrap: wrap; gap: 10px 28px; margin: 0; }
.facts div { min-width: 0; }
dt { color: var(--dim); font-size: 12.5px; }
dd { margin: 0; }
)css";

constexpr std::string_view frame =
    R"css(nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 14px 0 0; padding: 0; list-style: none; font-size: 14px; }
main { padding-bottom: 8px; }
section { margin: 30px 0 0; scroll-margin-top: 12px; }
h2 { margin: 0 0 4px; font-size: 20px; line-height: 1.25; }
.count { color: var(--dim); font-weight: 400; font-size: 0.85em; margin-left: 4px; }
.lead { margin: 0 0 12px; color: var(--dim); font-size: 14px; max-width: 78ch; }
.panel { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 16px; min-width: 0; }
.columns { display: grid; gap: 18px; margin-top: 30px; align-items: start; }
.columns > div { display: grid; gap: 18px; min-width: 0; }
.columns section { margin: 0; min-width: 0; }
@media (min-width: 900px) { .columns { grid-template-columns: 1fr 1fr; } }
)css";

constexpr std::string_view figures =
    R"css(.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(148px, 1fr)); gap: 12px; margin: 22px 0 0; }
@media (min-width: 1000px) { .cards { grid-template-columns: repeat(5, 1fr); } }
.cards div { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 12px 14px; }
.cards b { display: block; font-size: 23px; line-height: 1.3; font-variant-numeric: tabular-nums; white-space: nowrap; }
.cards span { display: block; color: var(--dim); font-size: 12.5px; line-height: 1.35; }
.cards .is-bad { border-color: var(--bad); } .cards .is-bad b { color: var(--bad); }
.failure { background: var(--bad-soft); border-left: 5px solid var(--bad); border-radius: 8px; padding: 14px 18px; }
.failure p { margin: 6px 0 0; }
.failure .error { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 14px; }
#warnings { border-left: 5px solid var(--warn); }
)css";

constexpr std::string_view charts = R"css(.chart { display: block; overflow: visible; }
.label { fill: var(--ink); font-size: 12.5px; paint-order: stroke; stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
.label.dim { fill: var(--dim); }
.wide { display: none; }
@media (min-width: 1100px) { .wide { display: inline; } .narrow { display: none; } }
.strong { font-weight: 650; }
.track { fill: var(--track); }
.tick { stroke: var(--line); stroke-width: 1; }
.tick-text { fill: var(--dim); font-size: 11.5px; }
.fill-done { fill: var(--accent); } .fill-good { fill: var(--good); } .fill-warn { fill: var(--warn); } .fill-bad { fill: var(--bad); }
.fill-off { fill: var(--off); }
.ink-good { color: var(--good); fill: var(--good); } .ink-warn { color: var(--warn); fill: var(--warn); }
.ink-bad { color: var(--bad); fill: var(--bad); } .ink-off { color: var(--off); fill: var(--off); }
.legend span { margin-right: 12px; }
.store-0 { fill: var(--store-0); } .store-1 { fill: var(--store-1); } .store-2 { fill: var(--store-2); }
.store-3 { fill: var(--store-3); } .store-4 { fill: var(--store-4); } .store-5 { fill: var(--store-5); }
.store-6 { fill: var(--store-6); } .store-7 { fill: var(--store-7); }
)css";

constexpr std::string_view tables =
    R"css(.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; overflow-wrap: normal; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 7px 12px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--dim); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; background: var(--surface); position: sticky; left: 0; overflow-wrap: anywhere; min-width: 8.5rem; }
@media (min-width: 900px) { tbody th { min-width: 13rem; } }
th.n, td.n { text-align: right; white-space: nowrap; padding-left: 8px; }
td.text { min-width: 15rem; overflow-wrap: anywhere; }
.zero { color: var(--dim); }
td.is-bad { color: var(--bad); font-weight: 700; } td.is-warn { color: var(--warn); font-weight: 700; }
.badge { display: inline-block; padding: 0 8px; border-radius: 999px; font-size: 12px; line-height: 20px; white-space: nowrap; }
.badge.is-good { background: var(--good-soft); color: var(--good); } .badge.is-warn { background: var(--warn-soft); color: var(--warn); }
.badge.is-bad { background: var(--bad-soft); color: var(--bad); } .badge.is-info { background: var(--info-soft); color: var(--info); }
.badge.is-plain { background: var(--plain-soft); color: var(--ink); }
)css";

constexpr std::string_view lists = R"css(details { margin: 10px 0 0; }
summary { cursor: pointer; padding: 8px 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); }
summary .what { font-weight: 600; }
summary .aside { color: var(--dim); font-size: 13.5px; margin-left: 6px; }
details[open] > summary { margin-bottom: 8px; }
.panel summary { border: 0; padding: 4px 0; background: none; color: var(--dim); font-size: 13.5px; }
.panel summary .what { font-weight: 400; }
.lines { margin: 0; padding-left: 20px; }
.steps, .files { margin: 8px 0 0; padding: 0; list-style: none; }
.steps li { margin: 0 0 12px; }
.steps .dim { display: block; font-size: 14px; margin-top: 2px; }
.command { display: inline-block; max-width: 100%; padding: 4px 10px; margin-right: 8px; border-radius: 8px; background: var(--surface); border: 1px solid var(--line); user-select: all; }
.meaning { columns: 340px; column-gap: 32px; margin: 10px 0 0; }
.meaning div { break-inside: avoid; margin-bottom: 16px; }
.meaning dt { color: var(--ink); font-size: 15px; font-weight: 650; }
.meaning dd { color: var(--dim); font-size: 14px; }
footer { margin-top: 34px; padding-bottom: 26px; color: var(--dim); font-size: 13px; }
footer p { border-top: 1px solid var(--line); padding-top: 14px; margin: 0; }
)css";

// Paper is white, and what is folded away on a screen is printed.
constexpr std::string_view print = R"css(@media print {
  :root { --page: #ffffff; --surface: #ffffff; --ink: #000000; --dim: #444444; --line: #bbbbbb; --track: #eeeeee; --accent: #0b6a75;
    --good: #16703a; --warn: #8a5300; --bad: #b91f1f; --info: #1d5bb0; --off: #66717f; --good-soft: #ffffff; --warn-soft: #ffffff;
    --bad-soft: #ffffff; --info-soft: #ffffff; --plain-soft: #ffffff; }
  @page { margin: 14mm; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  details::details-content { content-visibility: visible; display: block; }
  .scroll { overflow: visible; }
  table { font-size: 6.4pt; }
  th, td, th.n, td.n { padding: 3px; }
  tbody th, td.text { min-width: 5.6rem; overflow-wrap: break-word; }
  .badge { font-size: 6.4pt; padding: 0; line-height: 1.4; }
  .command { user-select: auto; }
  .columns { grid-template-columns: 1fr 1fr; }
  .cards div, tr, .chart g, .meaning div { break-inside: avoid; }
  h2 { break-after: avoid; }
  tbody th { position: static; }
}
)css";

}  // namespace

std::string style() {
  std::string out;
  for (const std::string_view part : {colours, page, frame, figures, charts, tables, lists, print})
    out += part;
  return out;
}

}  // namespace godwit::report::html
