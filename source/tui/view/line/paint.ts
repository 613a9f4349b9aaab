/**
 * Joins the pieces of a line into one text with its colours. A component for each piece would take several times as
 * long: a screen has hundreds of them.
 */
import chalk, {
  type BackgroundColorName,
  type ChalkInstance,
  type ForegroundColorName,
  foregroundColorNames,
} from 'chalk';
import {colourDepth, type Environment} from '../../terminal/colours.ts';
import type {Style, Theme, Tones} from '../../terminal/theme.ts';
import type {Line} from './span.ts';

/** `line` with escape sequences for its colours and weights, as far as the terminal supports them. */
export function paintLine(line: Line, {tones, background}: Theme['cursor']): string {
  return line.map(({text, tone}) => brush(tones, tone, background)(text)).join('');
}

/**
 * Draw lines in as many colours as themes are chosen for. The lowest level is 1, so that weights are drawn also without
 * colours, and where the name of the terminal, or a variable of another program such as `CI`, would turn them off.
 */
export function drawColoursOf(environment: Environment): void {
  if (colourDepth(environment) !== 'rich') {
    chalk.level = 1;
  } else if (chalk.level < 2) {
    chalk.level = 2;
  }
}

type Brushes = Map<string, ChalkInstance>;

const brushes = new WeakMap<Tones, Brushes>();

function brush(tones: Tones, tone: keyof Tones, background: string | undefined): ChalkInstance {
  let known = brushes.get(tones);
  if (known === undefined) {
    known = new Map();
    brushes.set(tones, known);
  }

  const key = `${tone} ${background}`;
  let made = known.get(key);
  if (made === undefined) {
    made = makeBrush(tones[tone], background);
    known.set(key, made);
  }

  return made;
}

function makeBrush({color, bold, dimColor}: Style, background: string | undefined): ChalkInstance {
  let made: ChalkInstance = chalk;
  if (dimColor === true) {
    made = made.dim;
  }

  if (color !== undefined) {
    made = coloured(made, color, 'color');
  }

  if (background !== undefined) {
    made = coloured(made, background, 'background');
  }

  return bold === true ? made.bold : made;
}

/** @param colour a name, `#rrggbb` or `ansi256(NUMBER)`, as Ink takes them. */
function coloured(
  brush: ChalkInstance,
  colour: string,
  which: 'color' | 'background',
): ChalkInstance {
  const isBackground = which === 'background';
  const name = foregroundColorNames.find(each => each === colour);
  if (name !== undefined) {
    return brush[isBackground ? backgroundName(name) : name];
  }

  const [, number] = /^ansi256\((\d+)\)$/.exec(colour) ?? [];
  if (number !== undefined) {
    return isBackground ? brush.bgAnsi256(Number(number)) : brush.ansi256(Number(number));
  }

  return isBackground ? brush.bgHex(colour) : brush.hex(colour);
}

function backgroundName(name: ForegroundColorName): BackgroundColorName {
  return `bg${name[0]?.toUpperCase()}${name.slice(1)}` as BackgroundColorName; // Each has its twin.
}
