/** What the keys of the transfers do to the queue, beyond the states of one transfer. */
import {nextPriority} from '../../transfers/terms/priority.ts';
import type {Action} from '../keymap.ts';
import {plural} from '../text/format.ts';
import {say} from '../text/say.ts';
import type {App} from './app.ts';

export const transferActions: Readonly<Partial<Record<Action, (app: App) => void>>> = {
  moveUp: app => moveTransfer(app, -1),
  moveDown: app => moveTransfer(app, 1),
  raise: app => changePriority(app, 'raise'),
  lower: app => changePriority(app, 'lower'),
  retryAll(app) {
    const count = app.queue.retryFailed();
    app.messages.say(
      count === 0 ? say`Nothing has failed.` : say`Queued again: ${plural(count, 'transfer')}.`,
    );
  },
};

function moveTransfer(app: App, by: 1 | -1): void {
  const transfer = app.transfers.current();
  if (transfer === undefined) {
    return;
  }

  app.transfers.hold();
  if (!app.queue.move(transfer.id, by)) {
    app.messages.say(
      by < 0
        ? say`It is the first of its priority: + lets it run sooner.`
        : say`It is the last of its priority: - lets it run later.`,
    );
  }
}

function changePriority(app: App, step: 'raise' | 'lower'): void {
  const shown = app.transfers.current();
  // As it is now: what is shown may be older than the key before this one.
  const transfer = shown === undefined ? undefined : app.queue.transfer(shown.id);
  if (transfer === undefined) {
    return;
  }

  const {state, id} = transfer;
  const priority = nextPriority(transfer.priority, step);
  if (state.name === 'done' || state.name === 'canceled') {
    app.messages.say(say`It is over: only what is still to come has a priority.`);
  } else if (priority === undefined) {
    app.messages.say(say`It has the ${words[step]} priority already.`);
  } else {
    app.transfers.hold();
    app.queue.setPriority(id, priority);
  }
}

const words = {raise: say`highest`, lower: say`lowest`} as const;
