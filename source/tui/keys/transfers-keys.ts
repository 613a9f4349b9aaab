/** Keys of the transfers pane. */
import {displayName} from '../../../protocol/display-text.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import {nextPriority} from '../../transfers/terms/priority.ts';
import type {Parts} from '../model/parts.ts';
import {formatBytes, plural} from '../text/format.ts';
import {say} from '../text/say.ts';
import type {Binding} from './binding.ts';
import {copyPath} from './copy-path.ts';
import {confirmCancel} from './dialogs/cancel-dialog.ts';
import {verifyCurrent} from './verify-current.ts';

const inTransfers: readonly Omit<Binding, 'pane'>[] = [
  {
    action: 'open',
    keys: ['enter'],
    text: say`show or hide its details`,
    short: say`details`,
    perform: ({transfers}) => transfers.toggleDetails(),
  },
  {
    action: 'pause',
    keys: ['p'],
    text: say`pause, or go on`,
    short: say`pause/go on`,
    perform({transfers, queue}) {
      const transfer = transfers.current();
      // The next p is for the same transfer, even if another one is first by then.
      transfers.hold();
      if (transfer?.state.name === 'paused') {
        queue.resume(transfer.id);
      } else if (transfer !== undefined) {
        queue.pause(transfer.id);
      }
    },
  },
  {
    action: 'cancel',
    keys: ['x'],
    text: say`cancel, after asking`,
    short: say`cancel`,
    perform: parts => void confirmCancel(parts),
  },
  {
    action: 'retry',
    keys: ['R'],
    text: say`retry a failed or canceled transfer`,
    short: say`retry`,
    isIdle: ({transfers}) => !canBeRetried(transfers.current()),
    perform({transfers, queue}) {
      const transfer = transfers.current();
      if (transfer !== undefined) {
        transfers.hold();
        queue.retry(transfer.id);
      }
    },
  },
  {
    action: 'retry-all',
    keys: ['A'],
    text: say`retry all failed transfers`,
    perform({queue, messages}) {
      const count = queue.retryFailed();
      messages.say(
        count === 0 ? say`Nothing has failed.` : say`Queued again: ${plural(count, 'transfer')}.`,
      );
    },
  },
  {
    action: 'move-up',
    keys: ['K'],
    text: say`move it up or down in its priority`,
    perform: parts => moveTransfer(parts, -1),
  },
  {
    action: 'move-down',
    keys: ['J'],
    text: say`move it up or down in its priority`,
    perform: parts => moveTransfer(parts, 1),
  },
  {
    action: 'verify',
    keys: ['v'],
    text: say`compare with the copy here`,
    short: say`verify`,
    perform: verifyCurrent,
  },
  {
    action: 'copy-path',
    keys: ['y'],
    text: say`copy the path of the file here`,
    perform(parts) {
      const transfer = parts.transfers.current();
      if (transfer !== undefined) {
        copyPath(parts, transfer.target);
      }
    },
  },
  {
    action: 'clear',
    keys: ['c'],
    text: say`clear done and canceled transfers`,
    short: say`clear done`,
    isIdle({queue}) {
      const {done, canceled} = queue.totals();
      return done + canceled === 0;
    },
    perform: clearDone,
  },
  {
    action: 'bring-back',
    keys: ['u'],
    text: say`undo the last clear or cancel`,
    perform: bringBack,
  },
  {
    action: 'sooner',
    keys: ['+'],
    text: say`priority: set when it runs`,
    short: say`sooner`,
    perform: parts => changePriority(parts, 'raise'),
  },
  {
    action: 'later',
    keys: ['-'],
    text: say`priority: set when it runs`,
    short: say`later`,
    perform: parts => changePriority(parts, 'lower'),
  },
];

export const transfersKeys: readonly Binding[] = inTransfers.map(key => ({
  ...key,
  pane: 'transfers',
}));

function canBeRetried(transfer: TransferSnapshot | undefined): boolean {
  return transfer?.state.name === 'failed' || transfer?.state.name === 'canceled';
}

function clearDone({
  queue,
  undo,
  messages,
  keyOf,
}: Pick<Parts, 'queue' | 'undo' | 'messages' | 'keyOf'>): void {
  const ids = queue.clearSettled();
  if (ids.length === 0) {
    messages.say(say`Nothing is done or canceled.`);
  } else {
    undo.did({did: 'clear', ids, deletedBytes: 0});
    messages.say(
      say`Cleared done and canceled transfers. ${keyOf('bring-back')} brings them back.`,
    );
  }
}

function bringBack({
  queue,
  undo,
  messages,
  keyOf,
}: Pick<Parts, 'queue' | 'undo' | 'messages' | 'keyOf'>): void {
  const step = undo.take();
  if (step === undefined) {
    messages.say(
      say`There is nothing to bring back: ${keyOf('bring-back')} undoes ${keyOf('clear')} and ${keyOf('cancel')}.`,
    );
  } else if (step === 'reading') {
    messages.say(
      say`The queue is still being read: press ${keyOf('bring-back')} again when it is.`,
    );
  } else if (step.did === 'clear') {
    messages.say(say`Brought back: ${plural(step.ids.length, 'transfer')}.`);
  } else {
    const {ids, deletedBytes} = step;
    const [only] = ids.length === 1 ? ids.flatMap(id => queue.transfer(id) ?? []) : [];
    const what = only === undefined ? plural(ids.length, 'transfer') : displayName(only.remotePath);
    const fetched =
      deletedBytes === 0
        ? say``
        : say` The ${formatBytes(deletedBytes)} that were deleted are fetched again.`;
    messages.say(say`Queued again: ${what}.${fetched}`);
  }
}

type Used = Pick<Parts, 'queue' | 'transfers' | 'messages' | 'keyOf'>;

function moveTransfer({queue, transfers, messages, keyOf}: Used, by: 1 | -1): void {
  const transfer = transfers.current();
  if (transfer === undefined) {
    return;
  }

  transfers.hold();
  if (!queue.move(transfer.id, by)) {
    messages.say(
      by < 0
        ? say`It is the first of its priority: ${keyOf('sooner')} lets it run sooner.`
        : say`It is the last of its priority: ${keyOf('later')} lets it run later.`,
    );
  }
}

function changePriority({queue, transfers, messages}: Used, step: 'raise' | 'lower'): void {
  const shown = transfers.current();
  // The transfer in its present state: the row on the screen may be older than the previous key.
  const transfer = shown === undefined ? undefined : queue.transfer(shown.id);
  if (transfer === undefined) {
    return;
  }

  const {state, id} = transfer;
  const priority = nextPriority(transfer.priority, step);
  if (state.name === 'done' || state.name === 'canceled') {
    messages.say(say`This transfer is over: only transfers that are not over have a priority.`);
  } else if (priority === undefined) {
    messages.say(say`It has the ${words[step]} priority already.`);
  } else {
    transfers.hold();
    queue.setPriority(id, priority);
  }
}

const words = {raise: say`highest`, lower: say`lowest`} as const;
