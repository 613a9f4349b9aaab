/** Keys that count in every pane. */
import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';
import type {Binding} from './binding.ts';
import {changeLimits} from './dialogs/limits-dialog.ts';
import {confirmLeaving, confirmQuit} from './dialogs/quit-dialog.ts';
import {typeCommand} from './typing/command-line.ts';
import {typePath} from './typing/go-line.ts';

export const sharedKeys: readonly Binding[] = [
  {
    action: 'next-pane',
    keys: ['tab'],
    text: say`next pane, previous pane`,
    short: say`pane`,
    perform: ({panes}) => panes.focusNext(1),
  },
  {
    action: 'previous-pane',
    keys: ['shift-tab'],
    text: say`next pane, previous pane`,
    perform: ({panes}) => panes.focusNext(-1),
  },
  toPane('files', '1'),
  toPane('verifier', '2'),
  toPane('transfers', '3'),
  {
    action: 'limits',
    keys: ['L'],
    text: say`limits: files, connections, speed`,
    perform: parts => void changeLimits(parts),
  },
  {
    action: 'command',
    keys: [':'],
    text: say`type a command: sget, hash, cget, ...`,
    short: say`command`,
    perform: typeCommand,
  },
  {
    action: 'go-to-path',
    keys: ['ctrl-g'],
    text: say`go to a path that you type`,
    perform: typePath,
  },
  {
    action: 'servers',
    keys: ['b'],
    text: say`servers: recent, bookmarks, another`,
    short: say`servers`,
    perform: parts => void confirmLeaving(parts, 'servers'),
  },
  {action: 'back', keys: ['escape'], text: say`one step back; nothing is lost`, perform: goBack},
  {
    action: 'help',
    keys: ['?', 'f1'],
    text: say`this help`,
    short: say`help`,
    perform: ({help}) => help.open(),
  },
  {
    action: 'suspend',
    keys: ['ctrl-z'],
    text: say`to the shell; fg comes back`,
    perform: ({suspend}) => suspend(),
  },
  {
    action: 'quit',
    keys: ['q', 'f10', 'ctrl-c'],
    text: say`quit`,
    short: say`quit`,
    perform: parts => void confirmQuit(parts),
  },
];

function toPane(pane: Pane, key: string): Binding {
  return {
    action: `pane-${pane}`,
    keys: [key],
    text: say`files, verifier, transfers`,
    perform: ({panes}) => panes.focusOn(pane),
  };
}

/** Go one step back. No step loses anything: marks and transfers stay. */
function goBack({
  downloads,
  panes,
  preview,
  verifier,
  verifyList,
  browser,
  transfers,
}: Pick<
  Parts,
  'downloads' | 'panes' | 'preview' | 'verifier' | 'verifyList' | 'browser' | 'transfers'
>): void {
  if (
    transfers.closeDetails() ||
    browser.dropHeld() ||
    browser.stopSearch() ||
    downloads.stop() ||
    (panes.focus === 'verifier' && (verifier.stop() || verifyList.comeBack())) ||
    verifyList.stop() ||
    preview.close()
  ) {
    return;
  }

  if (panes.focus !== 'files') {
    panes.focusOn('files');
  } else if (browser.options.filter !== '') {
    browser.change({filter: ''});
  } else if (browser.search !== undefined) {
    browser.leave();
  }
}
