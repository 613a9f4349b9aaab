/** Sparklines: values over time in one line. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import {joinTexts, say} from '../../text/say.ts';
import {type Line, span} from './span.ts';

/** The last values, as many as `columns` have room for, scaled to the highest of them. */
export function sparkline({spark}: Glyphs, values: readonly number[], columns: number): Line {
  const {signs, pair} = spark;
  const inColumn = pair ? 2 : 1;
  const steps = pair ? Math.round(Math.sqrt(signs.length)) : signs.length;
  const shown = columns <= 0 ? [] : values.slice(-columns * inColumn);
  const highest = Math.max(1, ...shown);
  const heights = shown.map(value =>
    value <= 0 ? 0 : Math.max(1, Math.ceil((value / highest) * (steps - 1))),
  );
  if (heights.length % inColumn === 1) {
    heights.unshift(0);
  }

  const drawn: DisplayText[] = [];
  for (let at = 0; at < heights.length; at += inColumn) {
    const [left = 0, right = 0] = heights.slice(at, at + inColumn);
    drawn.push(signs[pair ? left * steps + right : left] ?? say` `);
  }

  return [span(joinTexts(drawn, say``), 'accent')];
}
