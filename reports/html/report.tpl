{{%AUTOESCAPE context="HTML"}}<!doctype html>
<html lang="{{LANG}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{TITLE}} - mailmedic</title>
<link rel="icon" href="data:,">
<style>
:root { --paper: #fff; --ink: #1d2530; --dim: #5b6776; --line: #d8dee6; --card: #f6f8fa; --code: #eef1f5;
  --critical: #b3121d; --error: #c62828; --warning: #9a6200; --info: #1b6aa5; --unknown: #6b4ba3; --ok: #1c7c3c; }
@media (prefers-color-scheme: dark) { :root { --paper: #12171d; --ink: #e3e8ee; --dim: #9aa7b5; --line: #2c3642; --card: #1a2129; --code: #222b35;
  --critical: #ff7b7b; --error: #ff8a80; --warning: #f0b54a; --info: #6db9f2; --unknown: #b79cf0; --ok: #6fd08c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
main { max-width: 58rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
header { border-bottom: 1px solid var(--line); padding-bottom: 1rem; margin-bottom: 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 .4rem; overflow-wrap: anywhere; }
.report + .report { margin-top: 3.5rem; }
.verdict { font-weight: 700; }
.verdict.ok { color: var(--ok); } .verdict.warning { color: var(--warning); } .verdict.problem { color: var(--error); } .verdict.inconclusive { color: var(--unknown); }
.count { display: inline-block; margin: 0 .75rem .2rem 0; color: var(--dim); }
.count b { color: var(--ink); }
.meta, footer { color: var(--dim); font-size: .87rem; }
article { background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--line); border-radius: .4rem; padding: .9rem 1.1rem; margin: 0 0 1rem; break-inside: avoid; }
article.critical { border-left-color: var(--critical); } article.error { border-left-color: var(--error); } article.warning { border-left-color: var(--warning); }
article.info { border-left-color: var(--info); } article.unknown { border-left-color: var(--unknown); }
h2 { font-size: 1.08rem; line-height: 1.4; margin: 0 0 .15rem; overflow-wrap: anywhere; }
.word { font-size: .78rem; font-weight: 700; text-transform: uppercase; letter-spacing: .04em; margin-right: .4rem; }
.critical > h2 .word, .critical > .word { color: var(--critical); } .error > h2 .word, .error > .word { color: var(--error); } .warning > h2 .word, .warning > .word { color: var(--warning); }
.info > h2 .word, .info > .word { color: var(--info); } .unknown > h2 .word, .unknown > .word { color: var(--unknown); }
.subject { color: var(--dim); font-size: .87rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(4.2rem, max-content) 1fr; gap: .35rem .9rem; margin: 0; }
dt { color: var(--dim); font-size: .87rem; padding-top: .1rem; }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
pre, code { font: .87rem/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
pre { background: var(--code); border-radius: .3rem; padding: .5rem .7rem; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.seen p { margin: 0 0 .3rem; } .seen code { background: var(--code); border-radius: .3rem; padding: .1rem .35rem; white-space: pre-wrap; overflow-wrap: anywhere; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
pre.exhibit { white-space: pre; overflow-x: auto; }
svg.chart { display: block; width: 100%; height: auto; margin: 0 0 .8rem; } svg.chart text { font: 13px system-ui, sans-serif; fill: var(--ink); } svg.chart .note { fill: var(--dim); }
svg.chart .good { fill: var(--info); } svg.chart .bad { fill: var(--warning); } svg.chart .broken { fill: var(--error); }
.accepted { margin: 0 0 .6rem; color: var(--dim); overflow-wrap: anywhere; }
.source { color: var(--dim); font-size: .87rem; }
.also { border-top: 1px dashed var(--line); padding-top: .4rem; margin-top: .5rem; }
details { border-top: 1px solid var(--line); padding: .45rem 0; } details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; } .how { color: var(--dim); }
h3 { font-size: 1rem; margin: 1.8rem 0 .5rem; }
figure { margin: 0; } svg { width: 100%; height: auto; } svg line { stroke: var(--line); } svg text { fill: var(--dim); font-size: 11px; } figcaption { color: var(--dim); font-size: .87rem; }
.series0 { fill: var(--ok); color: var(--ok); } .series1 { fill: var(--warning); color: var(--warning); } .series2 { fill: var(--error); color: var(--error); } .series3 { fill: var(--unknown); color: var(--unknown); }
footer { margin-top: 2rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: .1rem; } dd { margin-bottom: .45rem; } h1 { font-size: 1.3rem; } }
@media print { body { font-size: 10.5pt; } main { max-width: none; padding: 0; } article { border-color: #999; } details { display: none; } }
</style>
</head>
<body>
<main>
{{#REPORT}}
<section class="report">
<header>
<h1>{{TARGET}} <span class="verdict {{STATUS}}">{{VERDICT}}</span></h1>
<div>{{#COUNT}}<span class="count {{KIND}}"><b>{{NUMBER}}</b> {{WHAT}}</span>{{/COUNT}}</div>
<div class="meta">{{STARTED}} &middot; {{TOOK}}</div>
</header>
{{#NOTHING}}<p>{{TEXT}}</p>{{/NOTHING}}
{{#FINDING}}
<article class="finding {{SEVERITY}}" id="{{ID}}">
<h2><span class="word">{{WORD}}</span>{{SUMMARY}}</h2>
<p class="subject">{{SUBJECT}} &middot; <code>{{ID}}</code></p>
{{#EXPIRED}}<p class="source">{{TEXT}}</p>{{/EXPIRED}}
<dl>
{{#SEEN}}<dt>{{L_SEEN}}</dt><dd class="seen">{{#EVIDENCE}}<p><span class="source">{{SOURCE}}</span>{{#SAID}} <code>{{TEXT}}</code>{{/SAID}}</p>{{/EVIDENCE}}</dd>
{{/SEEN}}
{{#WHY}}<dt>{{L_WHY}}</dt><dd>{{TEXT}}</dd>
{{/WHY}}
{{#FIX}}<dt>{{L_FIX}}</dt><dd>{{TEXT}}</dd>
{{/FIX}}
{{#PUBLISH}}<dt>{{L_PUBLISH}}</dt><dd><pre>{{TEXT:pre_escape}}</pre></dd>
{{/PUBLISH}}
{{#REFERENCE}}<dt>{{L_SEE}}</dt><dd>{{TEXT}}</dd>
{{/REFERENCE}}
</dl>
{{#CONSEQUENCE}}
<div class="also {{SEVERITY}}">{{L_ALSO}}: <span class="word">{{WORD}}</span>{{SUMMARY}}
{{#SEEN}}<div class="seen">{{#EVIDENCE}}<p><span class="source">{{SOURCE}}</span>{{#SAID}} <code>{{TEXT}}</code>{{/SAID}}</p>{{/EVIDENCE}}</div>{{/SEEN}}
</div>
{{/CONSEQUENCE}}
</article>
{{/FINDING}}
{{#ANY_ACCEPTED}}<h3>{{HEADING}}</h3>{{/ANY_ACCEPTED}}
{{#ACCEPTED}}
<p class="accepted"><span class="word">{{WORD}}</span>{{SUMMARY}} <code>{{ID}}</code><br><span class="source">{{REASON}}</span></p>
{{/ACCEPTED}}
{{#EXHIBIT}}
<h3>{{NAME}}</h3>
{{#CHART}}<svg class="chart" viewBox="0 0 900 {{HEIGHT}}" role="img" aria-label="{{NAME}}">{{#BAR}}
<text x="0" y="{{BASE}}">{{LABEL}}</text><rect class="{{TONE}}" x="{{X}}" y="{{Y}}" width="{{WIDTH}}" height="15" rx="2"/><text class="note" x="{{BEHIND}}" y="{{BASE}}">{{NOTE}}</text>{{/BAR}}
</svg>
{{/CHART}}
{{#LINES}}<pre class="exhibit">{{TEXT:pre_escape}}</pre>{{/LINES}}
{{/EXHIBIT}}
{{#HISTOGRAM}}
<h3>{{NAME}}</h3>
<figure><svg viewBox="0 0 720 184" role="img">{{#BAR}}<rect class="series{{KIND}}" x="{{X}}" y="{{Y}}" width="{{W}}" height="{{H}}"><title>{{TIP}}</title></rect>{{/BAR}}
<line x1="0" y1="160.5" x2="720" y2="160.5"></line><text x="0" y="178">{{FIRST}}</text><text x="720" y="178" text-anchor="end">{{LAST}}</text><text x="0" y="10">{{MOST}}</text></svg>
<figcaption>{{#SERIES}}<span class="key series{{KIND}}">&#9632;</span> {{TEXT}} {{/SERIES}}</figcaption></figure>
{{/HISTOGRAM}}
<h3>{{L_CHECKS}}</h3>
{{#CHECK}}
<details><summary>{{NAME}} <span class="how">{{HOW}}</span></summary>{{#FACTS}}<pre>{{JSON}}</pre>{{/FACTS}}</details>
{{/CHECK}}
</section>
{{/REPORT}}
<footer>{{L_MADE_BY}} mailmedic {{VERSION}}</footer>
</main>
</body>
</html>
