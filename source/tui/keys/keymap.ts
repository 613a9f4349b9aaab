/**
 * Every key of the interface: the one table in which keys are looked up, and from which the footer
 * and the help page are made. A key and its action stand together in the file of their pane.
 */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {Pane} from '../model/layout.ts';
import {asciiGlyphs, type Glyphs} from '../terminal/glyphs.ts';
import type {Binding} from './binding.ts';
import {filesKeys} from './files-keys.ts';
import {moveKeys} from './move-keys.ts';
import {previewKeys} from './preview-keys.ts';
import {type ServersBinding, serversKeys} from './servers/servers-keys.ts';
import {sharedKeys} from './shared-keys.ts';
import {transfersKeys} from './transfers-keys.ts';
import {verifierKeys} from './verifier-keys.ts';

/** The keys of the screen of one server, and those of the screen of servers. */
export type KeyTables = {
  readonly bindings: readonly Binding[];
  readonly servers: readonly ServersBinding[];
};

export const standardKeys: KeyTables = {
  bindings: [
    ...moveKeys,
    ...filesKeys,
    ...previewKeys,
    ...transfersKeys,
    ...verifierKeys,
    ...sharedKeys,
  ],
  servers: serversKeys,
};

/** The bindings that count: tables for all that reads them, the user's once there are some. */
export let {bindings, servers: serversBindings} = standardKeys;

/** Have `own` count from now on, before anything is drawn. They have the actions of the standard ones. */
export function setKeys(own: KeyTables): void {
  ({bindings, servers: serversBindings} = own);
}

/** The binding of a key in `pane`; those of the pane come before those that all panes share. */
export function bindingOf(key: string, pane: Pane): Binding | undefined {
  const own = bindings.find(binding => binding.pane === pane && binding.keys.includes(key));
  return own ?? bindings.find(binding => binding.pane === undefined && binding.keys.includes(key));
}

/**
 * The key of an action as a sentence tells it: the shortest one. For an action without keys, its name.
 *
 * @param pane the pane in which it is pressed. Default: the first one that has the action.
 */
export function keyOf(action: string, pane?: Pane): DisplayText {
  const own = bindings.find(one => one.action === action && one.pane === pane);
  return keyIn(own === undefined ? bindings : [own], action);
}

/** The key of an action as the bottom line shows it: the first one. For an action without keys, its name. */
export function shownKeyOf(action: string, pane: Pane, glyphs: Glyphs): DisplayText {
  const own = bindings.find(one => one.action === action && one.pane === pane);
  const [key] = own?.keys ?? [];
  return key === undefined ? ownText(action) : keyLabel(key, glyphs);
}

/** The binding of a key on the screen of servers. */
export function serversBindingOf(key: string): ServersBinding | undefined {
  return serversBindings.find(({keys}) => keys.includes(key));
}

/** The key of an action on the screen of servers as a sentence tells it. */
export function serversKeyOf(action: string): DisplayText {
  return keyIn(serversBindings, action);
}

function keyIn(
  table: ReadonlyArray<{readonly action: string; readonly keys: readonly string[]}>,
  action: string,
): DisplayText {
  const {keys = []} = table.find(one => one.action === action) ?? {};
  const key = keys.find(name => name.length === 1) ?? keys[0];
  return key === undefined ? ownText(action) : keyLabel(key, asciiGlyphs);
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
      return ownText('PgUp');
    case 'pagedown':
      return ownText('PgDn');
    case 'escape':
      return ownText('Esc');
    default:
      // It may be one that the user has chosen.
      return displayName(
        key
          .split('-')
          .map((part, index, parts) =>
            part.length > 1 || (parts.length > 1 && index > 0)
              ? part.charAt(0).toUpperCase() + part.slice(1)
              : part,
          )
          .join('-'),
      );
  }
}

// These names stand in this code: nothing of them comes from outside.
const ownText = (words: string): DisplayText => words as DisplayText;
