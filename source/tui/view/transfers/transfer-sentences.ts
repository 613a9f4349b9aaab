/** Sentences about one transfer: how it is, why it does not go on, and what can be done. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {OpenedTransfer} from '../../model/transfers/opened-transfer.ts';
import {formatBytes, formatPart, plural} from '../../text/format.ts';
import {say, sentence} from '../../text/say.ts';

export function transferSentence(
  {transfer, queue}: OpenedTransfer,
  isConnected: boolean,
): DisplayText {
  const {state, begunAnew, priority} = transfer;
  const anew = begunAnew ? say` It has changed there since it was begun.` : say``;
  switch (state.name) {
    case 'queued': {
      if (!isConnected) {
        return say`It waits for the connection, and goes on by itself.`;
      }

      const sooner = priority === 'high' ? say`` : say` ${keyOf('sooner')} lets it run sooner.`;
      return say`It waits in line: ${plural(queue.active, 'transfer')} ${queue.active === 1 ? say`runs` : say`run`} now.${sooner}`;
    }

    case 'connecting':
      return isConnected
        ? say`It begins.${anew}`
        : say`The connection is lost. It goes on by itself when it is back.`;
    case 'checking':
      return say`What is here is compared first: ${formatPart(state.checkedBytes, state.totalBytes)}.`;
    case 'copying':
      return say`Equal blocks are taken from a file here: ${formatPart(state.copiedBytes, state.totalBytes)}.`;
    case 'downloading':
      return say`It is being fetched. ${keyOf('pause')} pauses it, ${keyOf('cancel')} cancels it.${anew}`;
    case 'finishing':
      return say`All of it is here. It gets its name as soon as it is safe on the disk.`;
    case 'done':
      return state.outcome === 'skipped'
        ? say`It was skipped: the file that was here was left as it is.`
        : say`It is here, and every block was checked.${anew} ${keyOf('verify', 'transfers')} compares it again.`;
    case 'paused':
      return state.noRoom === undefined
        ? say`It is paused. ${keyOf('pause')} goes on.`
        : say`It waits for room on the disk: ${sentence(displayName(state.noRoom))} It goes on by itself when there is.`;
    case 'failed':
      return say`It failed: ${sentence(displayName(state.reason))} ${keyOf('retry')} tries again.`;
    case 'canceled':
      return say`It was canceled. ${keyOf('retry')} queues it again.`;
  }
}

/** What is here of its file at this moment. */
export function copySentence(
  {transfer, seen, copy}: OpenedTransfer,
  folder: DisplayText,
): DisplayText {
  const {target} = transfer;
  if (seen === undefined) {
    return say`not looked at yet`;
  }

  const {look, verdict} = seen;

  switch (copy) {
    case 'changed':
      return say`changed since it was fetched`;
    case 'differs':
      return say`another file than there by now: ${keyOf('verify', 'transfers')} shows where`;
    case 'gone':
      return say`gone from ${folder}`;
    case undefined:
      break;
  }

  if (look.copy?.file === target) {
    return verdict?.equal === true && verdict.state === look.copy.state
      ? say`the same: every block was checked, and nobody touched it since`
      : say`a file of that name, ${formatBytes(look.copy.size)}`;
  }

  const {partial} = look;
  return partial === undefined
    ? say`nothing`
    : say`a part, ${formatBytes(Math.min(partial.allocated, partial.size))}`;
}
