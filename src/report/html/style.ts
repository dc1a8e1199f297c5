import { Markup } from './markup.ts';

/** Colours can be told apart by the colour-blind, in light and dark; on paper, the light ones. */
export const STYLE = new Markup(`
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2128;--quiet:#59636e;--line:#d8dee4;--field:#f6f8fa;
--good:#1a7f37;--bad:#c4232f;--doing:#9a6700;--bar:#4c7a9e;--k0:#8c959f;--k1:#0969da;--k2:#d97706;--k3:#1b8a5a;--k4:#a2499c}
@media screen and (prefers-color-scheme:dark){:root{--paper:#0f1419;--ink:#e6edf3;--quiet:#9aa6b2;--line:#30383f;--field:#181f26;
--good:#4ac26b;--bad:#ff7b72;--doing:#e0a82e;--bar:#6ba0c8;--k0:#7d8792;--k1:#4493f8;--k2:#f0a03c;--k3:#3fb68b;--k4:#d07fc9}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem clamp(1rem,4vw,3rem) 3rem;max-width:84rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
h1{font-size:1.45rem;line-height:1.3;margin:.2rem 0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .6rem}
h3{font-size:1rem;margin:.8rem 0 .2rem}
h1.done>span,article.done h3>span,li.passed>span{color:var(--good)}
h1.failed>span,article.failed h3>span,li.failed>span,.error h2{color:var(--bad)}
h1.running>span,li.inconclusive>span{color:var(--doing)}
p{margin:.3rem 0;overflow-wrap:anywhere}
ul{margin:.3rem 0;padding-left:1.2rem}
article ul{list-style:none;padding-left:1.4rem}
article p{padding-left:1.4rem}
.run{color:var(--quiet)}
code,pre{font:13px/1.45 ui-monospace,"SFMono-Regular",Menlo,Consolas,"Liberation Mono",monospace}
pre{background:var(--field);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem;margin:.4rem 0;overflow:auto;max-height:32rem;white-space:pre-wrap;overflow-wrap:anywhere}
.error{border-left:4px solid var(--bad);padding-left:1rem;margin-top:1.2rem}
.error h2{margin-top:0}
.hint{font-weight:600}
summary{cursor:pointer;padding:.2rem 0;color:var(--quiet)}
table{border-collapse:collapse;width:100%}
th{font-weight:inherit;text-align:left}
thead{color:var(--quiet);font-size:13px}
.bars{table-layout:fixed}
.bars th:first-child{width:46%}
.bars.lives th:first-child{width:13rem}
.bars td,.bars th{padding:.15rem .5rem .15rem 0;vertical-align:top;overflow-wrap:anywhere}
.bars tbody tr{border-top:1px solid var(--line)}
.bars th[style]{padding-left:calc(var(--depth)*1.3rem + 1.3rem)}
.time{width:7.5rem;white-space:nowrap;color:var(--quiet);font-variant-numeric:tabular-nums}
.bars .time{overflow:hidden;text-overflow:ellipsis}
.wide{padding-right:0!important}
.wide svg{display:block;margin-top:.2rem}
.mark{display:inline-block;width:1.3rem;margin-left:-1.3rem}
tr.done .mark{color:var(--good)}tr.failed .mark{color:var(--bad)}tr.running .mark{color:var(--doing)}tr.skipped{color:var(--quiet)}
.words{display:block;color:var(--quiet);font-size:13px}
tr.failed .words{color:var(--bad)}
.list td,.list th{padding:.1rem .8rem .1rem 0;vertical-align:top;font-size:13px}
.said{white-space:pre-wrap;overflow-wrap:anywhere}
svg{overflow:visible}
svg text{font-size:11px;fill:var(--quiet);text-anchor:middle}
.axis line,.grid{stroke:var(--line);stroke-width:1}
rect.done{fill:var(--bar)}rect.failed{fill:var(--bad)}rect.running{fill:var(--doing)}
.kind-0{fill:var(--k0);background:var(--k0)}.kind-1{fill:var(--k1);background:var(--k1)}.kind-2{fill:var(--k2);background:var(--k2)}
.kind-3{fill:var(--k3);background:var(--k3)}.kind-4{fill:var(--k4);background:var(--k4)}
.coming,.leaving{opacity:.38}.away{opacity:.2}.ill{fill:var(--bad)}
.counts .wanted{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-dasharray:4 3;vector-effect:non-scaling-stroke}
.counts,.many{display:block;background:var(--field);overflow:hidden}
figure{margin:.4rem 0 1rem}
figcaption{color:var(--quiet);font-size:13px;margin-bottom:.2rem}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;font-size:13px}
.swatch{display:inline-block;width:1.6rem;height:.7rem;margin-right:.4rem;border-radius:2px}
.swatch.none{background:var(--ink)}.swatch.ill{background:var(--bad)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:44rem){.wide .axis text:not(:nth-of-type(4n)){display:none}.bars th:first-child{width:52%}.bars .time{width:5rem}.lives .time{display:none}}
@media print{body{max-width:none;padding:0;font-size:11px}pre{max-height:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
tr,article,figure{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}}
`);
