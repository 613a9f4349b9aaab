/** Sentences about one transfer: its state, why it does not continue, and what the user can do. */
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
  const anew = begunAnew ? say` It has changed on the server since.` : say``;
  switch (state.name) {
    case 'queued': {
      if (!isConnected) {
        return say`It waits for the connection, and continues by itself.`;
      }

      const sooner = priority === 'high' ? say`` : say` ${keyOf('sooner')} lets it run sooner.`;
      return say`It waits in line: ${plural(queue.active, 'transfer')} ${queue.active === 1 ? say`runs` : say`run`} now.${sooner}`;
    }

    case 'connecting':
      return isConnected
        ? say`It begins.${anew}`
        : say`The connection is lost. The transfer continues by itself on the next connection.`;
    case 'checking':
      return say`The blocks here are compared first: ${formatPart(state.checkedBytes, state.totalBytes)}.`;
    case 'copying':
      return say`Equal blocks are copied from a file here: ${formatPart(state.copiedBytes, state.totalBytes)}.`;
    case 'downloading':
      return say`It is being fetched. ${keyOf('pause')} pauses it, ${keyOf('cancel')} cancels it.${anew}`;
    case 'finishing':
      return say`All blocks are here. The file gets its name as soon as it is safe on the disk.`;
    case 'done':
      return state.outcome === 'skipped'
        ? say`It was skipped: the local file was not changed.`
        : say`It is here, and every block was checked.${anew} ${keyOf('verify', 'transfers')} compares it again.`;
    case 'paused':
      return state.noRoom === undefined
        ? say`It is paused. ${keyOf('pause')} continues it.`
        : say`It waits for room on the disk: ${sentence(displayName(state.noRoom))} It continues by itself once there is room.`;
    case 'failed':
      return say`It failed: ${sentence(displayName(state.reason))} ${keyOf('retry')} tries again.`;
    case 'canceled':
      return say`It was canceled. ${keyOf('retry')} queues it again.`;
  }
}

/** The present state of its local file. */
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
      return say`differs from the server's file now: ${keyOf('verify', 'transfers')} shows where`;
    case 'gone':
      return say`gone from ${folder}`;
    case undefined:
      break;
  }

  if (look.copy?.file === target) {
    return verdict?.equal === true && verdict.state === look.copy.state
      ? say`the same: every block was checked, and the copy has not changed since`
      : say`a file of that name, ${formatBytes(look.copy.size)}`;
  }

  const {partial} = look;
  return partial === undefined
    ? say`nothing`
    : say`a part, ${formatBytes(Math.min(partial.allocated, partial.size))}`;
}
