/** Bars. */
import type {Glyphs} from '../../terminal/glyphs.ts';
import {say} from '../../text/say.ts';
import {repeat} from '../../text/width.ts';
import {type Line, span} from './span.ts';

/** A bar of `columns` for `done` of `total`; empty below four columns. */
export function bar({bar, barEmpty}: Glyphs, done: number, total: number, columns: number): Line {
  if (columns < 4) {
    return [];
  }

  const steps = bar.length;
  const part = total <= 0 ? 1 : Math.max(0, Math.min(1, done / total));
  const filled = Math.floor(part * columns * steps);
  const whole = Math.floor(filled / steps);
  const rest = filled % steps === 0 ? say`` : (bar[(filled % steps) - 1] ?? say``);
  const full = bar.at(-1) ?? say``;
  return [
    span(say`${repeat(full, whole)}${rest}`, 'accent'),
    span(repeat(barEmpty, columns - whole - (rest === '' ? 0 : 1)), 'faint'),
  ];
}
