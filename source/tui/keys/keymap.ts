/**
 * Every key of the interface in one table: keys are looked up in it, and the footer and the help page are made from it.
 * A key and its action are defined together in the file of their pane.
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

/** The bindings in force: the user's once they are set. */
export let {bindings, servers: serversBindings} = standardKeys;

/** Use `own` from now on; called before anything is drawn. The actions are those of the standard keys. */
export function setKeys(own: KeyTables): void {
  ({bindings, servers: serversBindings} = own);
}

/** The binding of a key in `pane`; bindings of the pane win over those of all panes. */
export function bindingOf(key: string, pane: Pane): Binding | undefined {
  const own = bindings.find(binding => binding.pane === pane && binding.keys.includes(key));
  return own ?? bindings.find(binding => binding.pane === undefined && binding.keys.includes(key));
}

/**
 * The key of an action for a sentence: the shortest one. For an action without keys, its name.
 *
 * @param pane the pane in which it is pressed. Default: the first one that has the action.
 */
export function keyOf(action: string, pane?: Pane): DisplayText {
  const own = bindings.find(one => one.action === action && one.pane === pane);
  return keyIn(own === undefined ? bindings : [own], action);
}

/** The key of an action for the bottom line: the first one. For an action without keys, its name. */
export function shownKeyOf(action: string, pane: Pane, glyphs: Glyphs): DisplayText {
  const own = bindings.find(one => one.action === action && one.pane === pane);
  const [key] = own?.keys ?? [];
  return key === undefined ? ownText(action) : keyLabel(key, glyphs);
}

/** The binding of a key on the screen of servers. */
export function serversBindingOf(key: string): ServersBinding | undefined {
  return serversBindings.find(({keys}) => keys.includes(key));
}

/** The key of an action on the screen of servers, for a sentence. */
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

/** The name of a key as on the keyboard. */
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
      // The user may have chosen this key.
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

// These words are in this code: no part of them comes from outside.
const ownText = (words: string): DisplayText => words as DisplayText;
