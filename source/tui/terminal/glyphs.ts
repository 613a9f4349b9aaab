/**
 * The signs that the screen is drawn with: one set for terminals that show UTF-8, one of plain
 * ASCII for those that do not. Nothing else in the interface holds a character beyond ASCII.
 */
import type {DisplayText} from '../../../protocol/display-text.ts';

type Sign = DisplayText;

export type Glyphs = {
  readonly corners: {topLeft: Sign; topRight: Sign; bottomLeft: Sign; bottomRight: Sign};
  readonly horizontal: Sign;
  readonly vertical: Sign;
  readonly ellipsis: Sign;
  /** Between two facts on one line. */
  readonly dot: Sign;
  readonly cursor: Sign;
  readonly marked: Sign;
  /** Where text is typed. */
  readonly caret: Sign;
  /** From one eighth of a cell to a full one; the last is the full one. */
  readonly bar: readonly Sign[];
  readonly barEmpty: Sign;
  /**
   * Columns of a chart, from low to high; `pair`: a sign for each two heights beside each other, ordered by
   * the one at the left.
   */
  readonly spark: {readonly signs: readonly Sign[]; readonly pair: boolean};
  /** Drawn one after the other they turn. */
  readonly turns: readonly Sign[];
  readonly speed: Sign;
  readonly good: Sign;
  readonly missing: Sign;
  readonly bad: Sign;
  readonly unknown: Sign;
  readonly states: Readonly<
    Record<'waiting' | 'working' | 'down' | 'done' | 'paused' | 'failed' | 'canceled', Sign>
  >;
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
  horizontal: sign('─'),
  vertical: sign('│'),
  ellipsis: sign('…'),
  dot: sign('·'),
  cursor: sign('▸'),
  marked: sign('●'),
  caret: sign('▏'),
  bar: signs('▏▎▍▌▋▊▉█'),
  barEmpty: sign('─'),
  spark: {signs: signs('⠀⢀⢠⢰⢸⡀⣀⣠⣰⣸⡄⣄⣤⣴⣼⡆⣆⣦⣶⣾⡇⣇⣧⣷⣿'), pair: true},
  turns: signs('⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'),
  speed: sign('▼'),
  good: sign('■'),
  missing: sign('□'),
  bad: sign('✗'),
  unknown: sign('·'),
  states: {
    waiting: sign('·'),
    working: sign('⟳'),
    down: sign('↓'),
    done: sign('✓'),
    paused: sign('‖'),
    failed: sign('✗'),
    canceled: sign('−'),
  },
  priorities: {high: sign('▲'), low: sign('▽')},
  keys: {up: sign('↑'), down: sign('↓'), left: sign('←'), right: sign('→')},
};

export const asciiGlyphs: Glyphs = {
  corners: {topLeft: sign('+'), topRight: sign('+'), bottomLeft: sign('+'), bottomRight: sign('+')},
  horizontal: sign('-'),
  vertical: sign('|'),
  ellipsis: sign('~'),
  dot: sign('-'),
  cursor: sign('>'),
  marked: sign('*'),
  caret: sign('_'),
  bar: signs('#'),
  barEmpty: sign('-'),
  spark: {signs: signs('_.:-=+*#'), pair: false},
  turns: signs('|/-\\'),
  speed: sign('v'),
  good: sign('#'),
  missing: sign('.'),
  bad: sign('X'),
  unknown: sign('?'),
  states: {
    waiting: sign('.'),
    working: sign('~'),
    down: sign('v'),
    done: sign('+'),
    paused: sign('='),
    failed: sign('X'),
    canceled: sign('-'),
  },
  priorities: {high: sign('^'), low: sign('_')},
  keys: {up: sign('Up'), down: sign('Down'), left: sign('Left'), right: sign('Right')},
};
