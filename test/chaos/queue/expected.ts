/** What users have asked for, and what must therefore hold until they ask for something else. */
import {existsSync} from 'node:fs';

/** A transfer in the order of the queue. */
export type Queued = {id: number; state: string; priority: string; message?: string};

/** A transfer as `queue list --json` prints it. */
export type Listed = Queued & {target: string};

type HeldState = 'paused' | 'canceled';

type Hold = {
  state: HeldState;
  target: string;
  sinceMs: number;
  /** The process that was the worker when the user asked. */
  workerPid: number | undefined;
  /** Whether the file was missing when it was too late for any process to finish it. */
  isAbsent: boolean;
};

/** A file that is just being finished may become done for this long after a pause or a cancel. */
const tooLateMs = 15_000;

export class Expected {
  readonly #known = new Set<number>();
  readonly #holds = new Map<number, Hold>();
  readonly #priorities = new Map<number, string>();
  readonly #moved = new Set<number>();
  #before: readonly Queued[] = [];

  /** Transfers that must stay in this state. */
  heldAs(state: HeldState): number[] {
    return [...this.#holds].filter(([, hold]) => hold.state === state).map(([id]) => id);
  }

  added(rows: readonly Listed[]): void {
    for (const {id, priority} of rows) {
      this.#known.add(id);
      this.#priorities.set(id, priority);
    }
  }

  /** From now on these transfers must stay in the state that they have. */
  hold(rows: readonly Listed[], workerPid: number | undefined): void {
    for (const {id, state, target} of rows) {
      if (state === 'paused' || state === 'canceled') {
        const sinceMs = performance.now();
        this.#holds.set(id, {state, target, sinceMs, workerPid, isAbsent: false});
      }
    }
  }

  /** From now on these transfers may continue. */
  release(ids: readonly number[]): void {
    for (const id of ids) {
      this.#holds.delete(id);
    }
  }

  prioritized(ids: readonly number[], priority: string): void {
    for (const id of ids) {
      this.#priorities.set(id, priority);
    }
  }

  moved(id: number): void {
    this.#moved.add(id);
  }

  /** A stopped worker continues. From now on it may finish files that it was finishing when it was stopped. */
  wentOn(): void {
    for (const hold of this.#holds.values()) {
      hold.sinceMs = performance.now();
    }
  }

  /** All transfers are cleared. */
  forget(): void {
    this.#known.clear();
    this.#holds.clear();
    this.#priorities.clear();
    this.#before = [];
  }

  /** Called at every moment. @throws if a paused or canceled transfer has not kept its state. */
  checkStates(states: ReadonlyMap<number, string>, workerPid: number | undefined): void {
    for (const [id, hold] of this.#holds) {
      const state = states.get(id);
      const {sinceMs} = hold;
      if (state === 'done' && hold.workerPid === workerPid && ageOf(sinceMs) < tooLateMs) {
        this.#holds.delete(id);
      } else if (state !== hold.state) {
        throw new Error(
          `Transfer ${id} was ${hold.state} ${Math.round(ageOf(sinceMs))} ms ago with worker ` +
            `${hold.workerPid}, and is ${state} with worker ${workerPid}`,
        );
      }
    }
  }

  /** @throws if the queue does not have what users asked for. */
  check(rows: readonly Queued[]): void {
    const listed = new Map(rows.map(row => [row.id, row]));
    for (const id of this.#known) {
      const row = listed.get(id);
      if (row === undefined) {
        throw new Error(`Transfer ${id} is not in the queue any more`);
      }

      if (row.state === 'failed') {
        throw new Error(`Transfer ${id} failed: ${row.message}`);
      }

      if (row.priority !== this.#priorities.get(id)) {
        throw new Error(
          `Transfer ${id} has ${row.priority} priority, not ${this.#priorities.get(id)}`,
        );
      }
    }

    this.#checkFiles();
    this.#checkOrder(rows);
  }

  #checkFiles(): void {
    for (const [id, hold] of this.#holds) {
      const {target, state} = hold;
      if (hold.isAbsent && existsSync(target)) {
        throw new Error(`Transfer ${id} is ${state}, and its file has come: ${target}`);
      }

      hold.isAbsent = ageOf(hold.sinceMs) > tooLateMs && !existsSync(target);
    }
  }

  /** Transfers that kept their priority and were not moved must still have the same order among themselves. */
  #checkOrder(rows: readonly Queued[]): void {
    const before = idsByPriority(this.#before);
    for (const [priority, ids] of idsByPriority(rows)) {
      const now = new Set(ids);
      const both = (before.get(priority) ?? []).filter(id => now.has(id) && !this.#moved.has(id));
      const old = new Set(both);
      const is = ids.filter(id => old.has(id)).join(' ');
      const was = both.join(' ');
      if (is !== was) {
        throw new Error(`The order of ${priority} priority was ${was}, and is ${is}`);
      }
    }

    this.#before = rows;
    this.#moved.clear();
  }
}

function idsByPriority(rows: readonly Queued[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const {id, priority} of rows) {
    groups.set(priority, [...(groups.get(priority) ?? []), id]);
  }

  return groups;
}

function ageOf(ms: number): number {
  return performance.now() - ms;
}
