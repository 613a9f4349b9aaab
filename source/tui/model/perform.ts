/** What each action does, in the pane that has the keys. */
import {displayName} from '../../../protocol/display-text.ts';
import {isSettled} from '../../transfers/terms/transfer-state.ts';
import type {Action} from '../keymap.ts';
import {formatBytes, plural} from '../text/format.ts';
import {say} from '../text/say.ts';
import type {App} from './app.ts';
import type {SortKey} from './entry-table.ts';
import {changeLimits} from './limits-dialog.ts';
import {findLocalCopy} from './local-copy.ts';
import {transferActions} from './transfer-actions.ts';
import type {Move} from './viewport.ts';

export function perform(app: App, action: Action): void {
  // What is typed ahead of a folder is meant for what is in there.
  const move = moves[action];
  const early = app.focus === 'files' && app.browser.awaited;
  if (early && (move !== undefined || needsRows.has(action))) {
    app.browser.hold(() => perform(app, action));
  } else if (move === undefined) {
    actions[action]?.(app);
  } else {
    moveIn(app, move);
  }
}

/** Whether anything does `action`. */
export function isPerformed(action: Action): boolean {
  return action in moves || action in actions;
}

const moves: Readonly<Partial<Record<Action, Move>>> = {
  up: {by: 'row', count: -1},
  down: {by: 'row', count: 1},
  pageUp: {by: 'page', count: -1},
  pageDown: {by: 'page', count: 1},
  halfUp: {by: 'half', count: -1},
  halfDown: {by: 'half', count: 1},
  top: {to: 'top'},
  bottom: {to: 'bottom'},
};

/** What means nothing without an entry, besides moving. */
const needsRows: ReadonlySet<Action> = new Set([
  'open',
  'mark',
  'markAll',
  'invertMarks',
  'download',
  'verify',
]);

function moveIn(app: App, move: Move): void {
  if (app.focus === 'files') {
    app.browser.move(move);
  } else if (app.focus === 'transfers') {
    app.transfers.move(move);
  }
}

const actions: Readonly<Partial<Record<Action, (app: App) => void>>> = {
  open(app) {
    const entry = app.browser.current();
    if (!app.browser.enter() && entry !== undefined) {
      app.messages.say(say`${displayName(entry.path)} is no folder. Press d to download it.`);
    }
  },
  parent(app) {
    if (!app.browser.leave()) {
      app.messages.say(say`This is the top of what the server shares.`);
    }
  },
  mark: app => app.browser.toggleMark(),
  markAll: app => app.browser.markAll(),
  invertMarks: app => app.browser.invertMarks(),
  download: app => app.downloads.start(),
  verify: app => verify(app),
  filter(app) {
    app.focusOn('files');
    app.prompt.open({
      label: say`Filter:`,
      hint: say`Enter keeps it, Esc shows all`,
      text: app.browser.filter,
      onChange: text => app.browser.setFilter(text),
      onEnter: text => app.browser.setFilter(text),
      onEscape: () => app.browser.setFilter(''),
    });
  },
  sort(app) {
    void sort(app);
  },
  hidden: app => app.browser.toggleHidden(),
  refresh: app => app.browser.refresh(),

  pause(app) {
    const transfer = app.transfers.current();
    if (transfer?.state.name === 'paused') {
      app.queue.resume(transfer.id);
    } else if (transfer !== undefined) {
      app.queue.pause(transfer.id);
    }
  },
  cancel(app) {
    void cancel(app);
  },
  retry(app) {
    const transfer = app.transfers.current();
    if (transfer !== undefined) {
      app.queue.retry(transfer.id);
    }
  },
  clearSettled: app => app.queue.clearSettled(),
  ...transferActions,

  hash(app) {
    const {path, copy} = app.verifier.view();
    if (path === undefined || copy === undefined) {
      app.messages.complain(say`Choose a file that is here, too: press v on it in the files pane.`);
      return;
    }

    app.prompt.open({
      label: say`Hash the first bytes, up to:`,
      hint: say`nothing for all of it, Enter starts, Esc goes back`,
      text: '',
      onEnter: text => hash(app, text),
    });
  },
  repair(app) {
    const {path, copy, state} = app.verifier.view();
    if (path === undefined || copy === undefined || state.name !== 'compared') {
      app.messages.complain(say`There is nothing to repair: press v on a file in the files pane.`);
    } else if (state.report.equal) {
      app.messages.say(say`There is nothing to repair: every block is as it is there.`);
    } else {
      app.downloads.repair(path, copy);
    }
  },

  limits(app) {
    void changeLimits(app);
  },
  nextPane: app => app.focusNext(1),
  previousPane: app => app.focusNext(-1),
  filesPane: app => app.focusOn('files'),
  verifierPane: app => app.focusOn('verifier'),
  transfersPane: app => app.focusOn('transfers'),
  help: app => app.openHelp(),
  back(app) {
    // One step, and none that loses anything: what is marked stays marked, what is queued stays.
    if (app.downloads.stop() || (app.focus === 'verifier' && app.verifier.stop())) {
      return;
    }

    if (app.focus !== 'files') {
      app.focusOn('files');
    } else if (app.browser.filter !== '') {
      app.browser.setFilter('');
    }
  },
  quit(app) {
    void quit(app);
  },
};

async function sort(app: App): Promise<void> {
  const {key, reverse} = app.browser.sort;
  const answer = await app.dialogs.ask({
    title: say`Sort by`,
    body: [],
    preset: Object.keys(sortKeys).find(name => sortKeys[name] === key) ?? 'n',
    choices: [
      {key: 'n', label: say`Name`, detail: say`numbers by their value`},
      {key: 's', label: say`Size`, detail: say`the smallest first`},
      {key: 't', label: say`Time`, detail: say`the oldest first`},
      {key: 'y', label: say`Type`, detail: say`by what follows the last dot`},
      {key: 'r', label: say`Reverse`, detail: say`the order that there is, the other way round`},
    ],
  });
  if (answer?.key === 'r') {
    app.browser.setSort({key, reverse: !reverse});
  } else if (answer !== undefined) {
    app.browser.setSort({key: sortKeys[answer.key] ?? 'name', reverse: false});
  }
}

const sortKeys: Readonly<Record<string, SortKey>> = {n: 'name', s: 'size', t: 'time', y: 'type'};

async function cancel(app: App): Promise<void> {
  const transfer = app.transfers.current();
  if (transfer === undefined || isSettled(transfer.state)) {
    return;
  }

  const answer = await app.dialogs.ask({
    title: say`Cancel ${displayName(transfer.remotePath)}?`,
    body: [say`${formatBytes(transfer.verifiedBytes)} of it are here, in a partial.`],
    preset: 'n',
    choices: [
      {
        key: 'k',
        label: say`Keep`,
        detail: say`cancel; the partial stays, a later download goes on from it`,
      },
      // Not the letter that opens this: pressed twice it must not delete.
      {key: 'd', label: say`Delete`, detail: say`cancel, and delete the partial`},
      {key: 'n', label: say`No`, detail: say`do not cancel`},
    ],
  });
  if (answer?.key === 'k' || answer?.key === 'd') {
    app.queue.cancel(transfer.id, {deletePartial: answer.key === 'd'});
  }
}

/** Compare the file that the focused pane points at. */
function verify(app: App): void {
  const transfer = app.focus === 'transfers' ? app.transfers.current() : undefined;
  const entry = app.focus === 'files' ? app.browser.current() : undefined;
  const path =
    app.focus === 'verifier' ? app.verifier.view().path : (transfer?.remotePath ?? entry?.path);
  if (path === undefined || (entry !== undefined && entry.type !== 'file')) {
    app.messages.complain(say`Only a file can be verified: move to one and press v.`);
    return;
  }

  const where = {queue: app.queue, folder: app.folder, shown: app.browser.path};
  findLocalCopy(path, {...where, transfer: transfer ?? app.transfers.find(path)}).then(
    copy => app.verifier.verify(path, copy),
    (error: unknown) => {
      app.messages.complain(displayName(error instanceof Error ? error.message : String(error)));
    },
  );
  if (app.view().layout.mode === 'folded') {
    app.focusOn('verifier');
  }
}

function hash(app: App, text: string): void {
  const digits = text.replaceAll(/[\s,._]/g, '');
  const length = digits === '' ? undefined : Number(digits);
  if (length !== undefined && !(/^\d+$/.test(digits) && Number.isSafeInteger(length))) {
    app.messages.complain(say`'${displayName(text)}' is no position: type a number of bytes.`);
    return;
  }

  void app.verifier.hash(length);
}

async function quit(app: App): Promise<void> {
  const {active, queued} = app.queue.totals();
  if (active + queued === 0 && !app.downloads.busy) {
    app.leave();
    return;
  }

  const {running} = app.queue;
  const shown = running.slice(0, 5).map(row => say`- ${displayName(row.remotePath)}`);
  const answer = await app.dialogs.ask({
    title: say`Quit?`,
    body: [
      say`Running: ${plural(active, 'transfer')}. Waiting: ${plural(queued, 'transfer')}.`,
      ...shown,
      ...(running.length > shown.length ? [say`- and ${running.length - shown.length} more`] : []),
      app.queue.isKept
        ? say`It goes on from where it is when jangada is started on this server again.`
        : say`What has been fetched stays, in partials; downloaded again, it goes on from there.`,
    ],
    choices: [
      {key: 'q', label: say`Quit`, detail: say`stop what runs`},
      {key: 'n', label: say`Stay`, detail: say`go on`},
    ],
  });
  if (answer?.key === 'q') {
    app.leave();
  }
}
