/** Counts the events of a queue with two clients, and how soon one took over from the other. */
import type {HowItEnded} from './queue-run.ts';

export class QueueTally {
  rounds = 0;
  readonly events = new Map<string, number>();
  readonly ends = new Map<HowItEnded, number>();
  /** Wishes of users: carried out, stored for later, or refused with an error. */
  readonly wishes = {'carried out': 0, 'written down': 0, refused: 0};
  readonly #takeoversMs: number[] = [];

  get eventCount(): number {
    return [...this.events.values()].reduce((sum, count) => sum + count, 0);
  }

  get takeovers(): number {
    return this.#takeoversMs.length;
  }

  addEvent(kind: string): void {
    this.events.set(kind, (this.events.get(kind) ?? 0) + 1);
  }

  addEnd(how: HowItEnded): void {
    this.ends.set(how, (this.ends.get(how) ?? 0) + 1);
  }

  /** A companion became the worker `ms` after its worker was killed. */
  addTakeover(ms: number): void {
    this.#takeoversMs.push(ms);
  }

  lines(): string[] {
    const sorted = this.#takeoversMs.toSorted((one, other) => one - other);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return [
      `${this.eventCount} events in ${this.rounds} rounds: ${counts(this.events)}`,
      `clients: ${counts(this.ends)}`,
      `wishes: ${counts(new Map(Object.entries(this.wishes)))}`,
      `${sorted.length} takeovers from a killed worker: median ${Math.round(median)} ms, at most ` +
        `${Math.round(sorted.at(-1) ?? 0)} ms`,
    ];
  }
}

function counts(of: ReadonlyMap<string, number>): string {
  return [...of].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
