/**
 * The signs that the screen is drawn with: one set for terminals that show UTF-8, one of plain
 * ASCII for those that do not. Nothing else in the interface holds a character beyond ASCII.
 */
import type {DisplayText} from '../../../protocol/display-text.ts';

type Sign = DisplayText;

export type Glyphs = {
  readonly corners: {topLeft: Sign; topRight: Sign; bottomLeft: Sign; bottomRight: Sign};
  /** Joints of walls: the wall that ends there comes from this side. */
  readonly tees: {down: Sign; up: Sign; right: Sign; left: Sign};
  readonly horizontal: Sign;
  readonly vertical: Sign;
  readonly ellipsis: Sign;
  /** Between two facts on one line. */
  readonly dot: Sign;
  /** In the place of a number that there is none of. */
  readonly none: Sign;
  /** Where something goes. */
  readonly to: Sign;
  /** The direction of an order. */
  readonly ascending: Sign;
  readonly descending: Sign;
  readonly cursor: Sign;
  readonly marked: Sign;
  readonly bookmark: Sign;
  /** Where text is typed. */
  readonly caret: Sign;
  /** From a part of a cell to a full one; the last is the full one. */
  readonly bar: readonly Sign[];
  readonly barEmpty: Sign;
  /** From low to high. */
  readonly spark: readonly Sign[];
  /** Drawn one after the other they turn. */
  readonly turns: readonly Sign[];
  readonly speed: Sign;
  /** The signs that turn, by their name in `ink-spinner`. */
  readonly spinner: 'arc' | 'line';
  readonly good: Sign;
  readonly missing: Sign;
  readonly bad: Sign;
  readonly unknown: Sign;
  /** A block that is on its way, or is read on one side alone. */
  readonly arriving: Sign;
  readonly states: Readonly<
    Record<'waiting' | 'working' | 'down' | 'done' | 'paused' | 'failed' | 'canceled', Sign>
  >;
  /** Of the copy here: it looks like the other, or not; a part of it; it is being read; nobody knows. */
  readonly here: Readonly<Record<'alike' | 'unlike' | 'part' | 'checking' | 'unknown', Sign>>;
  readonly priorities: Readonly<Record<'high' | 'low', Sign>>;
  readonly keys: Readonly<Record<'up' | 'down' | 'left' | 'right', Sign>>;
};

// Every sign below stands in this code: nothing of it comes from outside.
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
