import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {TransferSnapshot} from '../../../transfers/queue/queue.ts';
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
  const transfer = unsettled(transfers.current());
  if (transfer === undefined) {
    return;
  }

  // The transfer continues, and may end, while the question is open.
  const current = () => unsettled(queue.transfer(transfer.id));
  const answer = await dialogs.ask({
    title: say`Cancel ${displayName(transfer.remotePath)}?`,
    body: () => [partialSentence((current() ?? transfer).verifiedBytes)],
    isMoot: () => current() === undefined,
    preset: 'n',
    choices: [
      {
        key: 'k',
        label: say`Keep`,
        detail: say`cancel; keep the partial, so that a later download continues it`,
      },
      // Not the letter that opens this question: pressed twice, it must not delete.
      {
        key: 'd',
        label: say`Delete`,
        detail: say`cancel, and delete the partial for good`,
      },
      {key: 'n', label: say`No`, detail: say`do not cancel`},
    ],
  });
  const now = current();
  const name = displayName(transfer.remotePath);
  if (now === undefined) {
    messages.say(say`${name} has ended meanwhile: there is nothing to cancel.`);
  } else if (answer?.key === 'k' || answer?.key === 'd') {
    const deletePartial = answer.key === 'd';
    queue.cancel(transfer.id, {deletePartial});
    const deletedBytes = deletePartial ? now.verifiedBytes : 0;
    undo.did({did: 'cancel', ids: [transfer.id], deletedBytes});
    messages.say(say`Canceled ${name}. ${keyOf('bring-back')} queues it again.`);
  }
}

function unsettled(transfer: TransferSnapshot | undefined): TransferSnapshot | undefined {
  return transfer === undefined || isSettled(transfer.state) ? undefined : transfer;
}

function partialSentence(bytes: number): DisplayText {
  return bytes === 0
    ? say`No block of it has been verified yet.`
    : say`${formatBytes(bytes)} of it are in a partial here.`;
}
