import {displayName} from '../../../../protocol/display-text.ts';
import type {Destination, Parts} from '../../model/parts.ts';
import {plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';

type Used = Pick<Parts, 'queue' | 'downloads' | 'dialogs' | 'leave'>;

const words = {
  shell: {
    title: say`Quit?`,
    kept: say`It goes on from where it is when jangada is started on this server again.`,
    leave: {key: 'q', label: say`Quit`},
  },
  servers: {
    title: say`Leave this server?`,
    kept: say`It stays in the queue of this server, and goes on from where it is when you come back.`,
    leave: {key: 'b', label: say`Leave`},
  },
} as const;

/** Quit, after asking if there is work that would stop. */
export async function confirmQuit(parts: Used): Promise<void> {
  await confirmLeaving(parts, 'shell');
}

/** Leave for another server or the shell, after asking if there is work that would stop. */
export async function confirmLeaving(
  {queue, downloads, dialogs, leave}: Used,
  to: Destination,
): Promise<void> {
  const {active, queued} = queue.totals();
  if (active + queued === 0 && !downloads.busy) {
    leave(to);
    return;
  }

  const {title, kept, leave: choice} = words[to];

  const {running} = queue;
  const shown = running.slice(0, 5).map(row => say`- ${displayName(row.remotePath)}`);
  const answer = await dialogs.ask({
    title,
    body: [
      say`Running: ${plural(active, 'transfer')}. Waiting: ${plural(queued, 'transfer')}.`,
      ...shown,
      ...(running.length > shown.length ? [say`- and ${running.length - shown.length} more`] : []),
      queue.isKept
        ? kept
        : say`What has been fetched stays, in partials; downloaded again, it goes on from there.`,
    ],
    choices: [
      {...choice, detail: say`stop what runs`},
      {key: 'n', label: say`Stay`, detail: say`go on`},
    ],
  });
  if (answer?.key === choice.key) {
    leave(to);
  }
}
