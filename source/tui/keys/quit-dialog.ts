import {displayName} from '../../../protocol/display-text.ts';
import type {Parts} from '../model/parts.ts';
import {plural} from '../text/format.ts';
import {say} from '../text/say.ts';

/** Leave, after asking if there is work that would stop. */
export async function confirmQuit({
  queue,
  downloads,
  dialogs,
  leave,
}: Pick<Parts, 'queue' | 'downloads' | 'dialogs' | 'leave'>): Promise<void> {
  const {active, queued} = queue.totals();
  if (active + queued === 0 && !downloads.busy) {
    leave();
    return;
  }

  const {running} = queue;
  const shown = running.slice(0, 5).map(row => say`- ${displayName(row.remotePath)}`);
  const answer = await dialogs.ask({
    title: say`Quit?`,
    body: [
      say`Running: ${plural(active, 'transfer')}. Waiting: ${plural(queued, 'transfer')}.`,
      ...shown,
      ...(running.length > shown.length ? [say`- and ${running.length - shown.length} more`] : []),
      queue.isKept
        ? say`It goes on from where it is when jangada is started on this server again.`
        : say`What has been fetched stays, in partials; downloaded again, it goes on from there.`,
    ],
    choices: [
      {key: 'q', label: say`Quit`, detail: say`stop what runs`},
      {key: 'n', label: say`Stay`, detail: say`go on`},
    ],
  });
  if (answer?.key === 'q') {
    leave();
  }
}
