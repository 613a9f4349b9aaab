/**
 * The signs of the screen: one set for terminals that show UTF-8, one of plain ASCII for the others. No other file of
 * the interface has a character beyond ASCII.
 */
import type {DisplayText} from '../../../protocol/display-text.ts';

type Sign = DisplayText;

export type Glyphs = {
  readonly corners: {topLeft: Sign; topRight: Sign; bottomLeft: Sign; bottomRight: Sign};
  /** Joints of walls, named by the side of the wall that ends there. */
  readonly tees: {down: Sign; up: Sign; right: Sign; left: Sign};
  readonly horizontal: Sign;
  readonly vertical: Sign;
  readonly ellipsis: Sign;
  /** Between two facts on one line. */
  readonly dot: Sign;
  /** In place of a number that does not exist. */
  readonly none: Sign;
  /** Towards a target. */
  readonly to: Sign;
  /** The direction of an order. */
  readonly ascending: Sign;
  readonly descending: Sign;
  readonly cursor: Sign;
  readonly marked: Sign;
  readonly bookmark: Sign;
  /** The caret of a typed line. */
  readonly caret: Sign;
  /** From a partly filled cell to a full one; the last is the full one. */
  readonly bar: readonly Sign[];
  readonly barEmpty: Sign;
  /** From low to high. */
  readonly spark: readonly Sign[];
  /** An animation: drawn one after the other they seem to turn. */
  readonly turns: readonly Sign[];
  readonly speed: Sign;
  /** The animation, by its name in `ink-spinner`. */
  readonly spinner: 'arc' | 'line';
  readonly good: Sign;
  readonly missing: Sign;
  readonly bad: Sign;
  readonly unknown: Sign;
  /** A block that is being received, or was read on one side only. */
  readonly arriving: Sign;
  readonly states: Readonly<
    Record<'waiting' | 'working' | 'down' | 'done' | 'paused' | 'failed' | 'canceled', Sign>
  >;
  /** The local copy: similar to the server's file, or not; a part of it; being read; unknown. */
  readonly here: Readonly<Record<'alike' | 'unlike' | 'part' | 'checking' | 'unknown', Sign>>;
  readonly priorities: Readonly<Record<'high' | 'low', Sign>>;
  readonly keys: Readonly<Record<'up' | 'down' | 'left' | 'right', Sign>>;
};

// Every sign below is in this code: none comes from outside.
const sign = (text: string): Sign => text as Sign;
const signs = (text: string): readonly Sign[] => [...text].map(sign);

export const unicodeGlyphs: Glyphs = {
  corners: {
    topLeft: sign('╭'),
    topRight: sign('╮'),
    bottomLeft: sign('╰'),
    bottomRight: sign('╯'),
  },
  tees: {down: sign('┬'), up: sign('┴'), right: sign('├'), left: sign('┤')},
  horizontal: sign('─'),
  vertical: sign('│'),
  ellipsis: sign('…'),
  dot: sign('·'),
  none: sign('–'),
  to: sign('→'),
  ascending: sign('▲'),
  descending: sign('▼'),
  cursor: sign('▌'),
  marked: sign('●'),
  bookmark: sign('◆'),
  caret: sign('▏'),
  bar: signs('╸━'),
  barEmpty: sign('─'),
  spark: signs('▁▂▃▄▅▆▇█'),
  turns: signs('◜◠◝◞◡◟'),
  speed: sign('▼'),
  spinner: 'arc',
  good: sign('■'),
  missing: sign('□'),
  bad: sign('✗'),
  unknown: sign('·'),
  arriving: sign('▪'),
  states: {
    waiting: sign('·'),
    working: sign('↻'),
    down: sign('↓'),
    done: sign('✓'),
    paused: sign('‖'),
    failed: sign('✗'),
    canceled: sign('−'),
  },
  here: {
    alike: sign('≈'),
    unlike: sign('≠'),
    part: sign('◐'),
    checking: sign('∙'),
    unknown: sign('?'),
  },
  priorities: {high: sign('▲'), low: sign('▽')},
  keys: {up: sign('↑'), down: sign('↓'), left: sign('←'), right: sign('→')},
};

export const asciiGlyphs: Glyphs = {
  corners: {topLeft: sign('+'), topRight: sign('+'), bottomLeft: sign('+'), bottomRight: sign('+')},
  tees: {down: sign('+'), up: sign('+'), right: sign('+'), left: sign('+')},
  horizontal: sign('-'),
  vertical: sign('|'),
  ellipsis: sign('~'),
  dot: sign('-'),
  none: sign('-'),
  to: sign('->'),
  ascending: sign('^'),
  descending: sign('v'),
  cursor: sign('>'),
  marked: sign('*'),
  bookmark: sign('*'),
  caret: sign('_'),
  bar: signs('#'),
  barEmpty: sign('-'),
  spark: signs('_.:-=+*#'),
  turns: signs('|/-\\'),
  speed: sign('v'),
  spinner: 'line',
  good: sign('#'),
  missing: sign('.'),
  bad: sign('X'),
  unknown: sign('?'),
  arriving: sign('o'),
  states: {
    waiting: sign('.'),
    working: sign('~'),
    down: sign('v'),
    done: sign('+'),
    paused: sign('='),
    failed: sign('X'),
    canceled: sign('-'),
  },
  here: {
    alike: sign('~'),
    unlike: sign('!'),
    part: sign('%'),
    checking: sign(':'),
    unknown: sign('?'),
  },
  priorities: {high: sign('^'), low: sign('_')},
  keys: {up: sign('Up'), down: sign('Down'), left: sign('Left'), right: sign('Right')},
};
