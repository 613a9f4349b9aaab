/** Draws the curves side by side: the cost of a unit of work, with logarithmic axes. A good curve is level. */
import {escapeXml} from '../report/chart.ts';
import type {Curve, Point} from './curve.ts';

const panel = {width: 340, height: 200, left: 20, right: 20, top: 60, bottom: 34};
const perRow = 2;

export function growthChart(curves: readonly Curve[]): string {
  const width = perRow * panel.width;
  const height = Math.ceil(curves.length / perRow) * panel.height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Cost of a unit of work at growing amounts">
<style>
  text { font: 11px system-ui, sans-serif; fill: #1f2328; } .head { font-weight: 600; } .end { text-anchor: end; }
  .line { fill: none; stroke: #0969da; stroke-width: 2; } .dot { fill: #0969da; } .axis { stroke: #8c959f; } .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .line { stroke: #58a6ff; } .dot { fill: #58a6ff; } .paper { fill: #0d1117; }
  }
</style>
<rect class="paper" width="${width}" height="${height}"/>
${curves.map((curve, index) => panelOf(curve, (index % perRow) * panel.width, Math.floor(index / perRow) * panel.height)).join('\n')}
</svg>
`;
}

function panelOf({name, of, costOf, points}: Curve, x: number, y: number): string {
  const positive = points.filter(({amount, cost}) => amount > 0 && cost > 0);
  const across = scale(
    positive.map(({amount}) => amount),
    x + panel.left,
    x + panel.width - panel.right,
  );
  const bottom = y + panel.height - panel.bottom;
  const costs = positive.map(({cost}) => cost);
  // The axis covers at least a power of ten, so that a level curve looks level.
  const middle = Math.sqrt(Math.min(...costs) * Math.max(...costs));
  const up = scale([...costs, middle / 3.2, middle * 3.2], bottom, y + panel.top);
  const at = ({amount, cost}: Point) => `${across(amount).toFixed(1)},${up(cost).toFixed(1)}`;
  return `<text class="head" x="${x + 10}" y="${y + 16}">${escapeXml(name)}</text>
<text x="${x + 10}" y="${y + 30}">${escapeXml(costOf)}</text>
<line class="axis" x1="${x + panel.left}" x2="${x + panel.width - panel.right}" y1="${bottom}" y2="${bottom}"/>
<polyline class="line" points="${positive.map(at).join(' ')}"/>
${positive.map(point => `<circle class="dot" cx="${across(point.amount).toFixed(1)}" cy="${up(point.cost).toFixed(1)}" r="3"/>`).join('\n')}
${[positive[0], positive.at(-1)]
  .map((point, index) => {
    const side = index === 0 ? 'start' : 'end';
    return point === undefined
      ? ''
      : label(point, of, side, across(point.amount), up(point.cost), bottom);
  })
  .join('\n')}`;
}

/** The cost above the point, and the amount below the axis, both inside the panel. */
function label(
  {amount, cost}: Point,
  of: string,
  side: 'start' | 'end',
  x: number,
  y: number,
  bottom: number,
): string {
  return `<text class="${side}" x="${x.toFixed(1)}" y="${(y - 8).toFixed(1)}">${short(cost)}</text>
<text class="${side}" x="${x.toFixed(1)}" y="${bottom + 16}">${short(amount)} ${escapeXml(of)}</text>`;
}

/** A logarithmic scale from numbers to positions. */
function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [least, most] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const span = most - least || 1;
  return value => from + ((Math.log10(value) - least) / span) * (to - from);
}

function short(value: number): string {
  return new Intl.NumberFormat('en', {notation: 'compact', maximumSignificantDigits: 3}).format(
    value,
  );
}
