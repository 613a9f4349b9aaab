/**
 * Says which process works on the queue: another one, which this screen steers, or this one. Also says when a request
 * to that process could not be passed on yet.
 */
import type {Queue} from '../../transfers/queue/queue.ts';
import {plural} from '../text/format.ts';
import {say} from '../text/say.ts';
import type {Messages} from './messages.ts';

export class WorkerWatch {
  readonly #queue: Pick<Queue, 'totals' | 'subscribe'>;
  readonly #messages: Messages;
  readonly #end: () => void;
  #pid: number | undefined;
  #unwritten = 0;

  constructor(queue: Pick<Queue, 'totals' | 'subscribe'>, messages: Messages) {
    this.#queue = queue;
    this.#messages = messages;
    this.#end = queue.subscribe(() => this.#look());
    this.#look();
  }

  close(): void {
    this.#end();
  }

  #look(): void {
    const {worker, unwritten} = this.#queue.totals();
    if (worker?.pid !== this.#pid) {
      this.#messages.say(
        worker === undefined
          ? say`Process ${this.#pid ?? 0} has ended: this one works on the queue now.`
          : say`Process ${worker.pid} works on this queue. This screen steers it, and takes over when it ends.`,
      );
      this.#pid = worker?.pid;
    }

    if (unwritten > this.#unwritten) {
      this.#messages.complain(
        say`jangada cannot write the queue now: it passes ${plural(unwritten, 'request')} on to process ${worker?.pid ?? 0} as soon as it can.`,
      );
    }

    this.#unwritten = unwritten;
  }
}
