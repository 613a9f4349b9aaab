/**
 * Every key of the interface and what it does: the one table that keys are looked up in and that
 * the footer and the help screen are made from.
 */
import type {DisplayText} from '../../protocol/display-text.ts';
import type {Glyphs} from './terminal/glyphs.ts';

export const panes = ['files', 'verifier', 'transfers'] as const;
export type Pane = (typeof panes)[number];

export type Action =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'halfUp'
  | 'halfDown'
  | 'top'
  | 'bottom'
  | 'open'
  | 'parent'
  | 'mark'
  | 'markAll'
  | 'invertMarks'
  | 'download'
  | 'verify'
  | 'filter'
  | 'sort'
  | 'hidden'
  | 'refresh'
  | 'pause'
  | 'moveUp'
  | 'moveDown'
  | 'raise'
  | 'lower'
  | 'cancel'
  | 'retry'
  | 'retryAll'
  | 'clearSettled'
  | 'hash'
  | 'repair'
  | 'limits'
  | 'nextPane'
  | 'previousPane'
  | 'filesPane'
  | 'verifierPane'
  | 'transfersPane'
  | 'help'
  | 'back'
  | 'quit';

export type Binding = {
  readonly action: Action;
  /** Names of keys, as the key parser gives them; the first is the one that is shown first. */
  readonly keys: readonly string[];
  /** What it does, for the help screen. */
  readonly text: DisplayText;
  /** In which pane; in all without it. */
  readonly pane?: Pane;
  /** A word or two for the footer, if it stands there. */
  readonly short?: DisplayText;
};

// Text in this table is our own.
const text = (words: string): DisplayText => words as DisplayText;

export const bindings: readonly Binding[] = [
  {action: 'up', keys: ['up', 'k'], text: text('one row up')},
  {action: 'down', keys: ['down', 'j'], text: text('one row down')},
  {action: 'pageUp', keys: ['pageup'], text: text('a page up')},
  {action: 'pageDown', keys: ['pagedown'], text: text('a page down')},
  {action: 'halfUp', keys: ['ctrl-u'], text: text('half a page up')},
  {action: 'halfDown', keys: ['ctrl-d'], text: text('half a page down')},
  {action: 'top', keys: ['home', 'g'], text: text('to the top')},
  {action: 'bottom', keys: ['end', 'G'], text: text('to the bottom')},

  files('open', ['right', 'l', 'enter'], 'open the folder', 'open'),
  files('parent', ['left', 'h', 'backspace'], 'to the folder above'),
  files('mark', ['space', 'insert'], 'mark or unmark', 'mark'),
  files('markAll', ['ctrl-a', 'a'], 'mark all that are shown'),
  files('invertMarks', ['*'], 'mark those that are not marked, and no others'),
  files('download', ['d', 'f5'], 'download what is marked, or else this one', 'download'),
  files('verify', ['v'], 'compare with the local copy, block by block', 'verify'),
  files('filter', ['/'], 'show only names with this in them', 'filter'),
  files('sort', ['s'], 'sort by name, size, time or type', 'sort'),
  files('hidden', ['.'], 'show or hide names that begin with a dot'),
  files('refresh', ['r', 'ctrl-r'], 'read the folder again'),

  transfers('pause', ['p'], 'pause, or go on', 'pause/go on'),
  transfers('cancel', ['x'], 'cancel, after asking', 'cancel'),
  transfers('retry', ['R'], 'try again what failed or was canceled', 'retry'),
  transfers('retryAll', ['A'], 'try again all that failed'),
  transfers('moveUp', ['K'], 'move it up among those of its priority'),
  transfers('moveDown', ['J'], 'move it down among those of its priority'),
  transfers('verify', ['v'], 'compare with the local copy, block by block', 'verify'),
  transfers('clearSettled', ['c'], 'clear what is done or canceled', 'clear done'),
  transfers('raise', ['+'], 'raise its priority: it runs sooner', 'sooner'),
  transfers('lower', ['-'], 'lower its priority: it runs later', 'later'),

  verifier('repair', ['R'], 'fetch the blocks that are bad or missing', 'repair'),
  verifier('hash', ['p', 'enter'], 'hash up to a position that you type', 'position'),
  verifier('verify', ['v'], 'compare again', 'verify'),

  {action: 'nextPane', keys: ['tab'], text: text('next pane'), short: text('pane')},
  {action: 'previousPane', keys: ['shift-tab'], text: text('previous pane')},
  {action: 'filesPane', keys: ['1'], text: text('files')},
  {action: 'verifierPane', keys: ['2'], text: text('verifier')},
  {action: 'transfersPane', keys: ['3'], text: text('transfers')},
  {action: 'limits', keys: ['L'], text: text('limits: files at once, connections, speed')},
  {action: 'back', keys: ['escape'], text: text('one step back; nothing is lost')},
  {action: 'help', keys: ['?', 'f1'], text: text('this help'), short: text('help')},
  {action: 'quit', keys: ['q', 'f10', 'ctrl-c'], text: text('quit'), short: text('quit')},
];

/** Lines of the help screen: every binding, a heading for each part, and a blank between them. */
export const helpLength = bindings.length + 2 * (panes.length + 1) - 1;

function files(action: Action, keys: readonly string[], words: string, short?: string): Binding {
  return inPane('files', action, keys, words, short);
}

function transfers(
  action: Action,
  keys: readonly string[],
  words: string,
  short?: string,
): Binding {
  return inPane('transfers', action, keys, words, short);
}

function verifier(action: Action, keys: readonly string[], words: string, short?: string): Binding {
  return inPane('verifier', action, keys, words, short);
}

function inPane(
  pane: Pane,
  action: Action,
  keys: readonly string[],
  words: string,
  short: string | undefined,
): Binding {
  const binding = {action, keys, text: text(words), pane};
  return short === undefined ? binding : {...binding, short: text(short)};
}

/** The action of a key in `pane`; what a pane binds comes before what all panes share. */
export function actionOf(key: string, pane: Pane): Action | undefined {
  const own = bindings.find(binding => binding.pane === pane && binding.keys.includes(key));
  const shared = bindings.find(binding => binding.pane === undefined && binding.keys.includes(key));
  return (own ?? shared)?.action;
}

/** The name of a key as it stands on the keyboard. */
export function keyLabel(key: string, {keys}: Glyphs): DisplayText {
  switch (key) {
    case 'up':
    case 'down':
    case 'left':
    case 'right':
      return keys[key];
    case 'pageup':
      return text('PgUp');
    case 'pagedown':
      return text('PgDn');
    case 'escape':
      return text('Esc');
    default:
      return text(
        key
          .split('-')
          .map(part => (part.length > 1 ? part.charAt(0).toUpperCase() + part.slice(1) : part))
          .map((part, index, parts) =>
            parts.length > 1 && index > 0 ? part.charAt(0).toUpperCase() + part.slice(1) : part,
          )
          .join('-'),
      );
  }
}
