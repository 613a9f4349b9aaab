/** The user's own keys, which replace those of the tables. */
import {nearest} from '../../../protocol/program/nearest.ts';
import {type Pane, panes} from '../model/layout.ts';
import {keyName} from '../terminal/key-names.ts';
import type {KeyTables} from './keymap.ts';

/** For an action, the list of all its keys. */
export type CustomKeys = Partial<Record<string, string[]>>;

type KeyMistake = {readonly action: string; readonly message: string};

/** A row of a table of keys; a key without a pane counts in all panes. */
type Row = {readonly action: string; readonly keys: readonly string[]; readonly pane?: Pane};

type Customised = KeyTables & {
  /** The user's valid keys, by the names that the key parser gives. */
  readonly keys: CustomKeys;
  readonly mistakes: readonly KeyMistake[];
};

/** Keys that always have this action: without them the user could not stop the program. */
const fixed: Readonly<Record<string, string>> = {'ctrl-c': 'quit', 'ctrl-z': 'suspend'};

/** `standard` with the keys in `wanted`; an action with a mistake in its keys keeps those of `standard`. */
export function customise(standard: KeyTables, wanted: CustomKeys): Customised {
  const keys = new Map<string, string[]>();
  const mistakes: KeyMistake[] = [];
  for (const [action, texts = []] of Object.entries(wanted)) {
    const read = readKeysOf(action, texts, standard);
    if (typeof read === 'string') {
      mistakes.push({action, message: read});
    } else {
      keys.set(action, read);
    }
  }

  // Standard keys that come back may clash with other keys of the user, so check again.
  for (;;) {
    const own = <Binding extends Row>(binding: Binding): Binding => ({
      ...binding,
      keys: keys.get(binding.action) ?? binding.keys,
    });
    const tables = {bindings: standard.bindings.map(own), servers: standard.servers.map(own)};
    const clash = clashIn(tables, [...keys.keys()]);
    if (clash === undefined) {
      return {...tables, keys: Object.fromEntries(keys), mistakes};
    }

    keys.delete(clash.action);
    mistakes.push(clash);
  }
}

/** The keys that `texts` name, and those that the action always has; a message if one of them is wrong. */
function readKeysOf(
  action: string,
  texts: readonly string[],
  standard: KeyTables,
): string | string[] {
  const actions = actionNames(standard);
  if (!actions.includes(action)) {
    const near = nearest(action, actions);
    const advice = near === undefined ? `The actions are ${actions.join(', ')}` : `Write "${near}"`;
    return `unknown action "${action}". ${advice}`;
  }

  const names = new Set<string>();
  for (const text of texts) {
    const name = keyName(text);
    if (name === undefined) {
      return `"keys.${action}" has no key "${text}". Write keys like "d", "G", "f5", "pageup", "ctrl-u" or "space"`;
    }

    const owner = fixed[name];
    if (owner !== undefined && owner !== action) {
      return `"keys.${action}" cannot have "${text}": it is always the key of "${owner}". Write another one`;
    }

    names.add(name);
  }

  const always = Object.keys(fixed).filter(name => fixed[name] === action);
  return [...new Set([...names, ...always])];
}

/** A key that two actions of one pane share; the mistake names the action that stands later in the configuration. */
function clashIn({bindings, servers}: KeyTables, own: readonly string[]): KeyMistake | undefined {
  const places: Array<{where: string; rows: readonly Row[]}> = [
    ...panes.map(pane => ({
      where: `in the ${pane} pane`,
      rows: bindings.filter(one => (one.pane ?? pane) === pane),
    })),
    {where: 'on the screen of servers', rows: servers},
  ];
  for (const {where, rows} of places) {
    const owners = new Map<string, string>();
    for (const {action, keys} of rows) {
      for (const key of keys) {
        const other = owners.get(key);
        if (other !== undefined && other !== action) {
          const isLater = own.indexOf(action) > own.indexOf(other);
          const [last, first] = isLater ? [action, other] : [other, action];
          return {
            action: last,
            message: `"keys.${last}" cannot have "${key}": "${first}" has it ${where}. Give that one other keys, too`,
          };
        }

        owners.set(key, action);
      }
    }
  }

  return undefined;
}

/** The names of all actions, in the order of the tables. */
export function actionNames({bindings, servers}: KeyTables): string[] {
  return [...new Set([...bindings, ...servers].map(({action}) => action))];
}
