/**
 * Draws the goals as a chart: one bar for each goal, with the ratio of the result to the goal as its length, and a line at
 * the length at which a goal is met. The colours adapt to a dark page.
 */
import {amount, goalText} from './table.ts';
import {isMet, type Verdict} from './verdicts.ts';

const width = 860;
const labels = 330;
const values = 190;
const bar = width - labels - values;
const rowHeight = 22;
const top = 44;
/** Bars are truncated at so many times the goal. */
const longest = 2;

/** An SVG of the verdicts with a goal; for the memory of each side, only the worst verdict. */
export function chartOf(verdicts: readonly Verdict[]): string {
  const judged = verdicts.filter(
    verdict =>
      verdict.share !== undefined &&
      (verdict.unit !== 'MB' || verdict === leastShare(verdicts, verdict.what)),
  );
  const height = top + judged.length * rowHeight + 14;
  const lineAt = labels + bar / longest;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Results compared with their goals">
<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .end { text-anchor: end; } .head { font-weight: 600; }
  .met { fill: #1a7f37; } .short { fill: #bc4c00; } .goal { stroke: #1f2328; stroke-width: 1.5; }
  .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .met { fill: #3fb950; } .short { fill: #f0883e; } .goal { stroke: #e6edf3; } .paper { fill: #0d1117; }
  }
</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="head" x="10" y="20">Result ÷ goal; longer is better</text>
<text class="head" x="${lineAt}" y="36" text-anchor="middle">goal</text>
${judged.map((verdict, index) => barOf(verdict, top + index * rowHeight)).join('\n')}
<line class="goal" x1="${lineAt}" x2="${lineAt}" y1="${top - 4}" y2="${height - 8}"/>
</svg>
`;
}

function leastShare(verdicts: readonly Verdict[], what: string): Verdict | undefined {
  const [least] = verdicts
    .filter(verdict => verdict.what === what)
    .sort((one, other) => (one.share ?? 0) - (other.share ?? 0));
  return least;
}

function barOf(verdict: Verdict, y: number): string {
  const {row, what, unit, measured, share = 0} = verdict;
  const isLong = share > longest;
  const long = (bar * Math.min(share, longest)) / longest;
  const word = isMet(verdict) ? 'met' : 'short';
  const text = `${amount(measured.median, unit)}  (${goalText(verdict)}) ${word}`;
  const middle = y + rowHeight / 2 + 3;
  return `<text class="end" x="${labels - 8}" y="${middle}">${escapeXml(`${row}: ${what}`)}</text>
<rect class="${word}" x="${labels}" y="${y + 3}" width="${long.toFixed(1)}" height="${rowHeight - 6}"/>${
    isLong
      ? `\n<text class="end" x="${labels + bar - 4}" y="${middle}" style="fill:#fff">${share.toFixed(1)} ×</text>`
      : ''
  }
<text x="${labels + bar + 8}" y="${middle}">${escapeXml(text)}</text>`;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
