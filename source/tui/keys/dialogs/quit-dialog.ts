import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {Destination, Parts} from '../../model/parts.ts';
import {plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';

type Used = Pick<Parts, 'queue' | 'downloads' | 'dialogs' | 'messages' | 'leave' | 'keyOf'>;

const words = {
  shell: {
    action: 'quit',
    title: say`Quit?`,
    kept: say`Transfers continue when you start jangada on this server again, or with jangada queue run.`,
    leave: {key: 'q', label: say`Quit`},
  },
  servers: {
    action: 'servers',
    title: say`Leave this server?`,
    kept: say`Transfers stay in the queue of this server, and continue when you come back.`,
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
    // The work continues, and may end, while the question is open.
    body: () => workLines(parts.queue, kept),
    isMoot: () => !hasWork(parts),
    choices: [
      {...choice, detail: say`stop the transfers`},
      {key: 'n', label: say`Stay`, detail: say`continue the transfers`},
    ],
  });
  if (answer?.key === choice.key) {
    leave(to);
  } else if (!hasWork(parts)) {
    messages.say(say`All transfers have ended meanwhile: ${keyOf(action)} leaves at once.`);
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
      : say`Partials stay: a new download of the same file continues its partial.`,
  ];
}
