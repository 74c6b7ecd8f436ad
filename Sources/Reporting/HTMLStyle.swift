extension HTMLTemplate {
  /// The page's style sheet.
  ///
  /// It holds no `<` and no `&`, and so is text in XML as it stands.
  static let style = """

    :root {
      color-scheme: light dark;
      --page: #fcfcfb; --panel: #ffffff; --text: #1d2125; --quiet: #5b646d; --rule: #dfe3e6;
      --soft: #f3f4f4; --good: #176f35; --bad: #b3231d; --unclear: #7d5600; --accent: #0a5aa6;
      --goodtint: #e6f4ea; --badtint: #fdecea; --uncleartint: #fbf1da; --here: #d4e4f5;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14171a; --panel: #1a1e22; --text: #e3e6e9; --quiet: #9ca6b0; --rule: #30363c;
        --soft: #20252a; --good: #58c879; --bad: #ff857b; --unclear: #e0b04c; --accent: #78b7f5;
        --goodtint: #173223; --badtint: #3d1d1b; --uncleartint: #372b12; --here: #27405a;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; padding: 1.5rem clamp(0.9rem, 3vw, 2.5rem) 4rem; max-width: 92rem;
      background: var(--page); color: var(--text);
      font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
      font-variant-numeric: tabular-nums;
    }
    h1 { font-size: 1.55rem; line-height: 1.25; margin: 0 0 0.5rem; font-weight: 650; }
    h2 { font-size: 1.12rem; margin: 2.2rem 0 0.6rem; font-weight: 650; }
    h3 { font-size: 0.95rem; margin: 1.2rem 0 0.4rem; font-weight: 650; overflow-wrap: anywhere; }
    p { margin: 0.15rem 0; max-width: 75rem; overflow-wrap: anywhere; }
    small { display: block; color: var(--quiet); font-size: 0.86em; font-weight: 400; }
    code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.92em; }
    pre {
      margin: 0.3rem 0; padding: 0.45rem 0.65rem; background: var(--soft); border-radius: 4px;
      white-space: pre-wrap; overflow-wrap: anywhere; user-select: all;
    }
    .banner {
      background: var(--panel); border: 1px solid var(--rule); border-left: 5px solid var(--unclear);
      border-radius: 6px; padding: 1rem 1.25rem;
    }
    .banner.good { border-left-color: var(--good); }
    .banner.bad { border-left-color: var(--bad); }
    .banner.good .mark { color: var(--good); }
    .banner.bad .mark { color: var(--bad); }
    .banner.unclear .mark { color: var(--unclear); }
    .product { color: var(--quiet); font-size: 0.8rem; letter-spacing: 0.06em; margin: 0 0 0.3rem; }
    .facts { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0.9rem 0 0; }
    .facts dt, .pairs dt { color: var(--quiet); font-size: 0.86em; }
    .facts dd, .pairs dd { margin: 0; overflow-wrap: anywhere; }
    .pairs { margin: 0.4rem 0; max-width: 75rem; }
    .pairs div { display: grid; grid-template-columns: 9rem 1fr; gap: 1rem; padding: 0.2rem 0; align-items: baseline; border-top: 1px solid var(--rule); }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; }
    table.narrow { width: auto; min-width: 30rem; }
    caption { text-align: left; color: var(--quiet); font-size: 0.86em; padding: 0.3rem 0.6rem; }
    th, td { padding: 0.28rem 0.6rem; text-align: left; vertical-align: top; border-top: 1px solid var(--rule); }
    thead th { color: var(--quiet); font-size: 0.86em; font-weight: 500; border-top: 0; vertical-align: bottom; }
    tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 9rem; }
    tfoot th, tfoot td { font-weight: 600; border-top: 2px solid var(--rule); }
    .n { text-align: right; white-space: nowrap; }
    td.bad, span.bad { color: var(--bad); font-weight: 600; }
    .word { white-space: nowrap; }
    .word.good { color: var(--good); }
    .word.unclear { color: var(--quiet); }
    .chip { display: inline-block; padding: 0 0.5rem; border-radius: 1rem; font-weight: 600; white-space: nowrap; }
    .chip.good { color: var(--good); background: var(--goodtint); }
    .chip.bad { color: var(--bad); background: var(--badtint); }
    .chip.unclear { color: var(--unclear); background: var(--uncleartint); }
    .note { color: var(--quiet); font-size: 0.92em; margin: 0.5rem 0; }
    .failures tbody { border-top: 1px solid var(--rule); }
    .failures .more td { border-top: 0; padding-top: 0; padding-bottom: 0.6rem; }
    .failures small { display: inline; }
    .failures th code { white-space: nowrap; }
    .failures pre { margin: 0.1rem 0 0; padding: 0.1rem 0.5rem; display: inline-block; }
    .message { white-space: pre-wrap; }
    .fold { border-top: 1px solid var(--rule); }
    .fold summary { padding-top: 0.3rem; padding-bottom: 0.3rem; color: var(--accent); }
    .groups { border: 1px solid var(--rule); border-radius: 6px; background: var(--panel); overflow: hidden; }
    .entry {
      display: grid; gap: 0 0.8rem; padding: 0.32rem 0.8rem; align-items: baseline;
      grid-template-columns: minmax(12rem, 1fr) 5rem 4.5rem 6.5rem 6rem 5.5rem 6rem 11.5rem;
    }
    .entry.head { color: var(--quiet); font-size: 0.86em; padding-left: 1.9rem; }
    .groups details { border-top: 1px solid var(--rule); }
    .groups .scroll { padding: 0 0.4rem 0.5rem 1.3rem; background: var(--soft); }
    summary { cursor: pointer; list-style: none; position: relative; }
    .groups summary, .fold summary { padding-left: 1.9rem; }
    summary::-webkit-details-marker { display: none; }
    summary::before {
      content: ""; position: absolute; left: 0.85rem; top: 0.85em; width: 0; height: 0;
      border: 4px solid transparent; border-left: 6px solid var(--quiet); border-right: 0;
    }
    details[open] summary::before { transform: rotate(90deg); }
    summary:hover { background: var(--soft); }
    summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
    summary .name { overflow-wrap: anywhere; }
    summary b { font-weight: 600; }
    summary i { font-style: normal; color: var(--quiet); }
    .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0.8rem; }
    figure { margin: 0; padding: 0.6rem 0.7rem 0.3rem; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; max-width: 28rem; }
    figcaption { font-weight: 600; font-size: 0.92em; }
    figcaption small { display: inline; }
    svg { display: block; width: 100%; height: auto; overflow: visible; }
    svg text { fill: var(--quiet); font-size: 9.5px; }
    .grid { stroke: var(--rule); stroke-width: 1; }
    .axis { stroke: var(--quiet); stroke-width: 1; }
    path.line { fill: none; stroke: var(--accent); stroke-width: 1.4; stroke-linejoin: round; }
    .dot { fill: var(--accent); stroke: var(--panel); stroke-width: 1; }
    .dot.fails { fill: var(--bad); }
    .dense .dot { stroke: none; }
    .here { stroke: var(--here); stroke-width: 7; }
    .change { stroke-width: 1; stroke-dasharray: 3 2; }
    .change.better { stroke: var(--good); }
    .change.worse { stroke: var(--bad); }
    .change.other { stroke: var(--unclear); }
    @media (max-width: 60rem) {
      .entry { grid-template-columns: minmax(8rem, 1fr) 4.5rem 4rem; }
      .wide { display: none; }
    }
    @media (max-width: 34rem) {
      .pairs div { grid-template-columns: 1fr; gap: 0; }
      .banner { padding: 0.8rem 0.9rem; }
      h1 { font-size: 1.3rem; }
    }
    @media print {
      body { font-size: 9.5pt; padding: 0; max-width: none; }
      details::details-content { content-visibility: visible; block-size: auto; }
      .scroll { overflow: visible; }
      figure, tr, .banner { break-inside: avoid; }
      h2, h3 { break-after: avoid; }
    }

    """
}
