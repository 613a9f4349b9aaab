import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {Destination, Parts} from '../../model/parts.ts';
import {plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';

type Used = Pick<Parts, 'queue' | 'downloads' | 'dialogs' | 'messages' | 'leave' | 'keyOf'>;

const words = {
  shell: {
    action: 'quit',
    title: say`Quit?`,
    kept: say`It goes on from where it is when jangada is started on this server again.`,
    leave: {key: 'q', label: say`Quit`},
  },
  servers: {
    action: 'servers',
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
export async function confirmLeaving(parts: Used, to: Destination): Promise<void> {
  const {dialogs, messages, leave, keyOf} = parts;
  if (!hasWork(parts)) {
    leave(to);
    return;
  }

  const {action, title, kept, leave: choice} = words[to];
  const answer = await dialogs.ask({
    title,
    // The work goes on, and ends, while the question stands there.
    body: () => workLines(parts.queue, kept),
    isMoot: () => !hasWork(parts),
    choices: [
      {...choice, detail: say`stop what runs`},
      {key: 'n', label: say`Stay`, detail: say`go on`},
    ],
  });
  if (answer?.key === choice.key) {
    leave(to);
  } else if (!hasWork(parts)) {
    messages.say(say`All of it has ended meanwhile: ${keyOf(action)} leaves at once.`);
  }
}

/** Whether there is work that would stop. */
function hasWork({queue, downloads}: Pick<Used, 'queue' | 'downloads'>): boolean {
  const {active, queued} = queue.totals();
  return active + queued > 0 || downloads.busy;
}

function workLines(queue: Used['queue'], kept: DisplayText): DisplayText[] {
  const {active, queued} = queue.totals();
  const {running} = queue;
  const shown = running.slice(0, 5).map(row => say`- ${displayName(row.remotePath)}`);
  return [
    say`Running: ${plural(active, 'transfer')}. Waiting: ${plural(queued, 'transfer')}.`,
    ...shown,
    ...(running.length > shown.length ? [say`- and ${running.length - shown.length} more`] : []),
    queue.isKept
      ? kept
      : say`What has been fetched stays, in partials; downloaded again, it goes on from there.`,
  ];
}
