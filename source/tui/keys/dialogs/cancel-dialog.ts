import {displayName} from '../../../../protocol/display-text.ts';
import {isSettled} from '../../../transfers/terms/transfer-state.ts';
import type {Parts} from '../../model/parts.ts';
import {formatBytes} from '../../text/format.ts';
import {say} from '../../text/say.ts';

/** Ask whether the transfer under the cursor is to be canceled, and cancel it. */
export async function confirmCancel({
  queue,
  transfers,
  dialogs,
  undo,
  messages,
  keyOf,
}: Pick<Parts, 'queue' | 'transfers' | 'dialogs' | 'undo' | 'messages' | 'keyOf'>): Promise<void> {
  const transfer = transfers.current();
  if (transfer === undefined || isSettled(transfer.state)) {
    return;
  }

  const answer = await dialogs.ask({
    title: say`Cancel ${displayName(transfer.remotePath)}?`,
    body: [
      transfer.verifiedBytes === 0
        ? say`Nothing of it has been checked yet.`
        : say`${formatBytes(transfer.verifiedBytes)} of it are here, in a partial.`,
    ],
    preset: 'n',
    choices: [
      {
        key: 'k',
        label: say`Keep`,
        detail: say`cancel; the partial stays, a later download goes on from it`,
      },
      // Not the letter that opens this: pressed twice it must not delete.
      {
        key: 'd',
        label: say`Delete`,
        detail: say`cancel, and delete the partial: nothing brings that back`,
      },
      {key: 'n', label: say`No`, detail: say`do not cancel`},
    ],
  });
  if (answer?.key === 'k' || answer?.key === 'd') {
    const deletePartial = answer.key === 'd';
    const name = displayName(transfer.remotePath);
    // As it is by now: it may have ended while the question stood there.
    const now = queue.transfer(transfer.id);
    if (now === undefined || isSettled(now.state)) {
      messages.say(say`${name} has ended meanwhile: there is nothing to cancel.`);
      return;
    }

    queue.cancel(transfer.id, {deletePartial});
    const deletedBytes = deletePartial ? now.verifiedBytes : 0;
    undo.did({did: 'cancel', ids: [transfer.id], deletedBytes});
    messages.say(say`Canceled ${name}. ${keyOf('bring-back')} queues it again.`);
  }
}
