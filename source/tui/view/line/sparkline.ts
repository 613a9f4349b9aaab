/** Sparklines: values over time in one line. */
import type {Glyphs} from '../../terminal/glyphs.ts';
import {joinTexts, say} from '../../text/say.ts';
import {type Line, span} from './span.ts';

/**
 * The last values, one for each column. The top of the scale is twice their average, or their maximum if that is
 * higher: constant values draw a line at half height, with room for more and for less.
 */
export function sparkline({spark}: Glyphs, values: readonly number[], columns: number): Line {
  const shown = columns <= 0 ? [] : values.slice(-columns);
  const some = shown.filter(value => value > 0);
  const average = some.reduce((sum, value) => sum + value, 0) / Math.max(1, some.length);
  const top = Math.max(1, 2 * average, ...shown);
  const drawn = shown.map(value => {
    const height = value <= 0 ? 0 : Math.max(1, Math.ceil((value / top) * (spark.length - 1)));
    return spark[height] ?? say` `;
  });
  return [span(joinTexts(drawn, say``), 'accent')];
}
