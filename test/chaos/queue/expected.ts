/** What users have asked for, and so has to hold until they ask for something else. */
import {existsSync} from 'node:fs';

/** A transfer in the order of the queue. */
export type Queued = {id: number; state: string; priority: string; message?: string};

/** The same as `queue list --json` has it. */
export type Listed = Queued & {target: string};

type HeldState = 'paused' | 'canceled';

type Hold = {
  state: HeldState;
  target: string;
  sinceMs: number;
  /** The process that worked on the queue then. */
  workerPid: number | undefined;
  /** Whether the file was not there when nobody could work on it any more. */
  isAbsent: boolean;
};

/** A pause or a cancel comes too late for a file that is just being finished. */
const tooLateMs = 3000;

export class Expected {
  readonly #known = new Set<number>();
  readonly #holds = new Map<number, Hold>();
  readonly #priorities = new Map<number, string>();
  readonly #moved = new Set<number>();
  #before: readonly Queued[] = [];

  /** Transfers that are to stay as they are. */
  heldAs(state: HeldState): number[] {
    return [...this.#holds].filter(([, hold]) => hold.state === state).map(([id]) => id);
  }

  added(rows: readonly Listed[]): void {
    for (const {id, priority} of rows) {
      this.#known.add(id);
      this.#priorities.set(id, priority);
    }
  }

  /** Transfers stay as they are from now on. */
  hold(rows: readonly Listed[], workerPid: number | undefined): void {
    for (const {id, state, target} of rows) {
      if (state === 'paused' || state === 'canceled') {
        const sinceMs = performance.now();
        this.#holds.set(id, {state, target, sinceMs, workerPid, isAbsent: false});
      }
    }
  }

  /** Transfers may go on from now on. */
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

  /** A worker that was stopped goes on: what came too late then comes too late now. */
  wentOn(): void {
    for (const hold of this.#holds.values()) {
      hold.sinceMs = performance.now();
    }
  }

  /** Transfers are cleared. */
  forget(): void {
    this.#known.clear();
    this.#holds.clear();
    this.#priorities.clear();
    this.#before = [];
  }

  /** At every moment. @throws if a transfer that is held does not stay as it is. */
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

  /** @throws if something that was asked for does not hold in the queue. */
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

  /** Whatever was not moved is in the same order among those that had and have the same priority. */
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
