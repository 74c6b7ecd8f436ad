import Verdicts

/// The page's templates, in Mustache.
///
/// `{{name}}` is escaped, `{{{name}}}` is markup already.
enum HTMLTemplate {
  static let causes = """
    {{#hasCauses}}
    <section aria-labelledby="causes">
    <h2 id="causes">Causes</h2>
    <p class="note">Hypotheses that were held against a sample of failing and passing cases: what each
    predicts of the wrong outputs, and which right ones it would have wrong.</p>
    <div class="scroll">
    <table>
    <thead><tr><th scope="col">Implementation</th><th scope="col">Cause</th><th scope="col"></th>
    <th scope="col" class="n">Wrong outputs explained</th>
    <th scope="col" class="n">Right outputs contradicted</th></tr></thead>
    <tbody>
    {{#causes}}
    <tr><th scope="row">{{name}}</th><td>{{cause}}</td>
    <td><span class="word {{style}}">{{conclusion}}</span></td>
    <td class="n">{{explained}}</td><td class="n">{{contradicted}}</td></tr>
    {{/causes}}
    </tbody>
    </table>
    </div>
    </section>
    {{/hasCauses}}
    """

  static let proofs = """
    {{#hasProofs}}
    <section aria-labelledby="proofs">
    <h2 id="proofs">Proofs</h2>
    <p class="note">{{proofsNote}}</p>
    <div class="scroll">
    <table>
    <thead><tr><th scope="col">Subject</th><th scope="col">Kind</th><th scope="col">Claim</th>
    <th scope="col">Holds</th><th scope="col">Made</th></tr></thead>
    <tbody>
    {{#proofs}}
    <tr><th scope="row">{{subject}}</th><td>{{kind}}</td>
    <td>{{#sentences}}<p>{{.}}</p>{{/sentences}}<pre>{{repeat}}</pre></td>
    <td><span class="word {{style}}">{{holds}}</span></td><td>{{made}}<small>qverify {{tool}}</small></td></tr>
    {{/proofs}}
    </tbody>
    </table>
    </div>
    </section>
    {{/hasProofs}}
    """

  static let empty = """
    {{% CONTENT_TYPE:XMLTEXT}}<!DOCTYPE html>
    <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
    <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>qverify: no runs yet</title>
    <style>{{{style}}}</style>
    </head>
    <body>
    <header class="banner unclear">
    <p class="product">qverify report</p>
    <h1><span class="mark" aria-hidden="true">?</span> No runs yet</h1>
    <p>This database holds no run. <code>qverify check</code> stores one.</p>
    </header>
    <main>
    \(proofs)
    </main>
    </body>
    </html>

    """

  static let run = """
    {{% CONTENT_TYPE:XMLTEXT}}<!DOCTYPE html>
    <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
    <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
    <title>qverify: {{title}}</title>
    <style>{{{style}}}</style>
    </head>
    <body>
    <header class="banner {{state}}">
    <p class="product">qverify report</p>
    <h1><span class="mark" aria-hidden="true">{{mark}}</span> {{title}}</h1>
    {{#sentences}}
    <p>{{.}}</p>
    {{/sentences}}
    <dl class="facts">
    {{#facts}}
    <div><dt>{{key}}</dt><dd>{{value}}</dd></div>
    {{/facts}}
    </dl>
    </header>
    <main>
    <section aria-labelledby="implementations">
    <h2 id="implementations">Implementations</h2>
    <div class="scroll">
    <table>
    <thead><tr>
    <th scope="col">Implementation</th><th scope="col">Verdict</th>
    <th scope="col">Against its profile</th><th scope="col">Accuracy against the exact value</th>
    <th scope="col" class="n">Cases</th><th scope="col" class="n">Failing</th>
    <th scope="col" class="n">Outputs</th><th scope="col" class="n">Mismatched</th>
    <th scope="col" class="n">Departed</th><th scope="col" class="n">Largest error</th>
    </tr></thead>
    <tbody>
    {{#implementations}}
    <tr>
    <th scope="row">{{name}}<small>{{#version}}{{.}} · {{/version}}{{kind}}{{#path}} · {{.}}{{/path}}</small></th>
    <td><span class="chip {{verdictClass}}">{{verdict}}</span></td>
    <td><span class="word {{profileClass}}">{{profile}}</span></td>
    <td>{{accuracy}}{{#accuracyNote}}<small>{{.}}</small>{{/accuracyNote}}</td>
    <td class="n">{{cases}}</td><td class="n{{#fails}} bad{{/fails}}">{{failed}}</td>
    <td class="n">{{outputs}}</td><td class="n{{#mismatches}} bad{{/mismatches}}">{{mismatched}}</td>
    <td class="n">{{departed}}</td><td class="n">{{error}}</td>
    </tr>
    {{/implementations}}
    </tbody>
    </table>
    </div>
    <p class="note">Departed: outputs where the profile itself leaves the mathematics (it wraps,
    saturates a pair, ignores a zero point); they are compared with the profile, but not graded.
    Errors are in output steps, against the exact value rounded to nearest.</p>
    </section>
    \(causes)
    {{#coverage}}
    <section aria-labelledby="coverage">
    <h2 id="coverage">Coverage</h2>
    <p>{{sentence}}</p>
    {{#vacuous}}
    <p>{{name}}: {{text}}</p>
    {{/vacuous}}
    <details class="fold">
    <summary>Groups, and the bins that no case has met</summary>
    <div class="scroll">
    <table>
    <thead><tr>
    <th scope="col">Group</th><th scope="col" class="n">Met</th><th scope="col" class="n">Bins</th>
    <th scope="col" class="n">Share</th><th scope="col">Not met</th>
    </tr></thead>
    <tbody>
    {{#groups}}
    <tr>
    <th scope="row">{{name}}</th><td class="n">{{covered}}</td><td class="n">{{bins}}</td>
    <td class="n">{{share}}</td><td>{{holes}}</td>
    </tr>
    {{/groups}}
    </tbody>
    </table>
    </div>
    </details>
    <p class="note">Bins that the profiles and types asked for leave out are not counted;
    <code>qverify list cover</code> says why. Vacuous: no change of a single element of input, weights
    or bias changes an output.</p>
    </section>
    {{/coverage}}
    {{#hasFailures}}
    <section aria-labelledby="failures">
    <h2 id="failures">Failures</h2>
    {{#failureTables}}
    {{#folded}}
    <details class="fold">
    <summary>{{.}}</summary>
    {{/folded}}
    <div class="scroll">
    <table class="failures">
    <thead><tr>
    <th scope="col">Case</th><th scope="col">Implementation</th><th scope="col">Outcome</th>
    <th scope="col">Operator, types, profile</th><th scope="col" class="n">Output</th>
    <th scope="col" class="n">Expected</th><th scope="col" class="n">Got</th>
    <th scope="col" class="n">Off by</th><th scope="col" class="n">Exact</th>
    <th scope="col" class="n">Differing</th>
    </tr></thead>
    {{#rows}}
    <tbody>
    <tr>
    <th scope="row"><code>{{case}}</code> <small>{{index}}</small></th>
    <td>{{implementation}}</td><td><span class="word bad">{{outcome}}</span></td>
    <td>{{operator}} <small>{{types}} · {{profile}}</small></td>
    <td class="n">{{element}}</td><td class="n">{{expected}}</td><td class="n{{#compared}} bad{{/compared}}">{{got}}</td>
    <td class="n">{{offBy}}</td><td class="n">{{exact}}</td><td class="n">{{differing}}</td>
    </tr>
    <tr class="more">
    <td colspan="10"><p class="message">{{message}} <small>made for {{classes}}</small></p>{{#repeat}}<pre>{{.}}</pre>{{/repeat}}</td>
    </tr>
    </tbody>
    {{/rows}}
    </table>
    </div>
    {{#folded}}
    </details>
    {{/folded}}
    {{/failureTables}}
    {{#failuresOmitted}}
    <p class="note">{{.}}</p>
    {{/failuresOmitted}}
    </section>
    {{/hasFailures}}
    <section aria-labelledby="results">
    <h2 id="results">Results by operator, types and profile</h2>
    {{#implementations}}
    <h3>{{name}}</h3>
    {{#hasGroups}}
    <div class="groups">
    <div class="entry head" aria-hidden="true">
    <span>Operator, types, profile</span><span class="n">Cases</span><span class="n">Failing</span>
    <span class="n wide">Outputs</span><span class="n wide">Mismatched</span>
    <span class="n wide">Departed</span><span class="n wide">Largest error</span>
    <span class="wide">Accuracy</span>
    </div>
    {{#groups}}
    <details{{#open}} open="open"{{/open}}>
    <summary class="entry">
    <span class="name"><b>{{operator}}</b> {{types}} <i>{{profile}}</i></span>
    <span class="n">{{cases}}<span class="said"> cases, </span></span>
    <span class="n{{#fails}} bad{{/fails}}">{{failed}}<span class="said"> failing, </span></span>
    <span class="n wide">{{outputs}}<span class="said"> outputs, </span></span>
    <span class="n wide{{#mismatches}} bad{{/mismatches}}">{{mismatched}}<span class="said"> mismatched, </span></span>
    <span class="n wide">{{departed}}<span class="said"> departed, </span></span>
    <span class="n wide">{{error}}<span class="said"> largest error, </span></span>
    <span class="wide">{{accuracy}}</span>
    </summary>
    <div class="scroll">
    <table>
    <caption>{{operator}}, {{types}}, {{profile}}: by class of cases</caption>
    <thead><tr>
    <th scope="col">Class</th><th scope="col" class="n">Cases</th>
    <th scope="col" class="n">Failing</th><th scope="col">Other than passed</th>
    <th scope="col" class="n">Outputs</th><th scope="col" class="n">Mismatched</th>
    <th scope="col" class="n">Departed</th><th scope="col" class="n">Largest error</th>
    <th scope="col" class="n">Largest difference</th><th scope="col">Accuracy</th>
    </tr></thead>
    <tbody>
    {{#rows}}
    <tr><th scope="row">{{class}}</th><td class="n">{{cases}}</td>
    <td class="n{{#fails}} bad{{/fails}}">{{failed}}</td><td>{{outcomes}}</td>
    <td class="n">{{outputs}}</td><td class="n{{#mismatches}} bad{{/mismatches}}">{{mismatched}}</td>
    <td class="n">{{departed}}</td><td class="n">{{error}}</td><td class="n">{{difference}}</td>
    <td>{{accuracy}}</td></tr>
    {{/rows}}
    </tbody>
    <tfoot><tr><th scope="row">All classes</th><td class="n">{{cases}}</td>
    <td class="n{{#fails}} bad{{/fails}}">{{failed}}</td><td>{{outcomes}}</td>
    <td class="n">{{outputs}}</td><td class="n{{#mismatches}} bad{{/mismatches}}">{{mismatched}}</td>
    <td class="n">{{departed}}</td><td class="n">{{error}}</td><td class="n">{{difference}}</td>
    <td>{{accuracy}}</td></tr></tfoot>
    </table>
    </div>
    </details>
    {{/groups}}
    </div>
    {{/hasGroups}}
    {{^hasGroups}}
    <p class="note">No counts.</p>
    {{/hasGroups}}
    {{#rowsOmitted}}
    <p class="note">{{.}}</p>
    {{/rowsOmitted}}
    {{/implementations}}
    </section>
    \(proofs)
    <section aria-labelledby="trend">
    <h2 id="trend">Trend</h2>
    <p class="note">{{trendNote}}</p>
    {{#trends}}
    <h3>{{name}}</h3>
    <div class="plots">
    {{#plots}}
    <figure><figcaption>{{title}} <small>{{unit}}</small></figcaption>{{{svg}}}</figure>
    {{/plots}}
    </div>
    {{/trends}}
    </section>
    <section aria-labelledby="judges">
    <h2 id="judges">The judges’ checks of each other</h2>
    {{#hasJudgements}}
    <div class="scroll">
    <table class="narrow">
    <thead><tr><th scope="col">Check</th><th scope="col" class="n">Comparisons</th>
    <th scope="col" class="n">Disagreements</th></tr></thead>
    <tbody>
    {{#judgements}}
    <tr><th scope="row">{{check}}</th><td class="n">{{checked}}</td>
    <td class="n{{#disagrees}} bad{{/disagrees}}">{{disagreements}}</td></tr>
    {{/judgements}}
    </tbody>
    </table>
    </div>
    {{/hasJudgements}}
    {{^hasJudgements}}
    <p class="note">None were stored.</p>
    {{/hasJudgements}}
    </section>
    <section aria-labelledby="repeat">
    <h2 id="repeat">Repeating this run</h2>
    <pre>{{commandLine}}</pre>
    <dl class="pairs">
    <div><dt>Run</dt><dd><code>{{uuid}}</code></dd></div>
    <div><dt>qverify</dt><dd>{{tool}}, generator version {{generator}}</dd></div>
    <div><dt>Selection</dt><dd><code>{{selection}}</code></dd></div>
    {{#hasVectors}}
    {{#vectors}}
    <div><dt>Vectors</dt><dd>{{name}}<small>SHA-256 <code>{{sha256}}</code></small></dd></div>
    {{/vectors}}
    {{/hasVectors}}
    </dl>
    {{#hasLabels}}
    <h3>Labels</h3>
    <dl class="pairs">
    {{#labels}}
    <div><dt>{{key}}</dt><dd>{{value}}</dd></div>
    {{/labels}}
    </dl>
    {{/hasLabels}}
    {{#hasEnvironment}}
    <h3>Environment</h3>
    <dl class="pairs">
    {{#environment}}
    <div><dt>{{key}}</dt><dd>{{value}}</dd></div>
    {{/environment}}
    </dl>
    {{/hasEnvironment}}
    </section>
    </main>
    </body>
    </html>

    """
}
