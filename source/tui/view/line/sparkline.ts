/** Sparklines: values over time in one line. */
import type {Glyphs} from '../../terminal/glyphs.ts';
import {joinTexts, say} from '../../text/say.ts';
import {type Line, span} from './span.ts';

/** The last values, as many as there are columns, scaled to the highest of them. */
export function sparkline({spark}: Glyphs, values: readonly number[], columns: number): Line {
  const shown = columns <= 0 ? [] : values.slice(-columns);
  const highest = Math.max(1, ...shown);
  const drawn = shown.map(value => {
    const height = value <= 0 ? 0 : Math.max(1, Math.ceil((value / highest) * (spark.length - 1)));
    return spark[height] ?? say` `;
  });
  return [span(joinTexts(drawn, say``), 'accent')];
}
