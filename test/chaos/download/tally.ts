/** Counts the events of a session, and what they have cost. */
import {blockSize} from '../../../protocol/block.ts';
import type {ClientRun, HowItEnded} from './client-run.ts';
import {addWaste, costOfEnd, noWaste, type Waste} from './waste.ts';

type End = {how: HowItEnded; cost: number; inFlight: number; links: number};

export class Tally {
  rounds = 0;
  damaged = 0;
  /** Bytes of right blocks that were damaged, so that the client had to fetch them again. */
  bytesDamaged = 0;
  readonly events = new Map<string, number>();
  #waste: Waste = noWaste;
  #bytesLost = 0;
  readonly #ends: End[] = [];

  get eventCount(): number {
    return [...this.events.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Bytes of blocks that the client fetched and wrote to disk. */
  get usefulBytes(): number {
    return this.#waste.useful;
  }

  /** Bytes of blocks that the client had to fetch, for trees of `treeBytes`. */
  neededBytes(treeBytes: number): number {
    return this.rounds * treeBytes + this.bytesDamaged + this.#bytesLost;
  }

  addEvent(kind: string): void {
    this.events.set(kind, (this.events.get(kind) ?? 0) + 1);
  }

  /** @returns what the end of this run has cost, in words. */
  addRun(run: ClientRun, how: HowItEnded): string {
    const waste = run.waste(how);
    const end = {how, cost: costOfEnd(waste), inFlight: run.inFlightAtEnd, links: run.linksAtEnd};
    this.#waste = addWaste(this.#waste, waste);
    this.#bytesLost += run.lost();
    this.#ends.push(end);
    return `${how}: ${describeWaste(waste)}; ${mebibytes(end.inFlight)} were in flight`;
  }

  lines(): string[] {
    const {useful, ...wasted} = this.#waste;
    const wastedBytes = Object.values(wasted).reduce((sum, bytes) => sum + bytes, 0);
    const events = [...this.events].map(([kind, count]) => `${count} ${kind}`);
    return [
      `${this.eventCount} events in ${this.rounds} rounds: ${events.join(', ')}`,
      `${this.damaged} partials damaged, ${mebibytes(this.bytesDamaged)} of right blocks in them`,
      `fetched / needed: ${mebibytes(useful + wastedBytes)} / ${mebibytes(useful)} = ` +
        ((useful + wastedBytes) / useful).toFixed(3),
      `  broken by cuts and killed servers      ${mebibytes(wasted.cut)}`,
      `  broken by the end of the client        ${mebibytes(wasted.broken)}`,
      `  whole, not on disk at its end          ${mebibytes(wasted.unwritten)}`,
      `  the same, of files of one block        ${mebibytes(wasted.unwrittenSmall)}`,
      `  fetched although it was on disk        ${mebibytes(wasted.already)}`,
      `  fetched more than once in a run        ${mebibytes(wasted.twice)}`,
      `right on disk before a run, not after    ${mebibytes(this.#bytesLost)}`,
      ...(['killed', 'interrupted', 'gave up'] as const).map(how => this.#endLine(how)),
    ];
  }

  #endLine(how: HowItEnded): string {
    const ends = this.#ends.filter(end => end.how === how);
    const mean = (of: (end: End) => number) => average(ends.map(of));
    const most = Math.max(0, ...ends.map(({cost}) => cost / blockSize)).toFixed(2);
    // The client cannot save bytes that the system had not yet handed to it.
    const perLink = ends.map(({cost, inFlight, links}) =>
      links === 0 ? 0 : Math.max(0, cost - inFlight) / blockSize / links,
    );
    return (
      `${ends.length} times ${how}: ${mean(({cost}) => cost / blockSize)} blocks each (at most ` +
      `${most}), of these ${mean(({inFlight}) => inFlight / blockSize)} in flight, with ` +
      `${mean(({links}) => links)} connections; not in flight, a connection: ` +
      `${average(perLink)} (at most ${Math.max(0, ...perLink).toFixed(2)})`
    );
  }
}

function average(numbers: readonly number[]): string {
  const sum = numbers.reduce((total, number) => total + number, 0);
  return (sum / Math.max(1, numbers.length)).toFixed(2);
}

function describeWaste(waste: Waste): string {
  return Object.entries(waste)
    .filter(([, bytes]) => bytes > 0)
    .map(([kind, bytes]) => `${kind} ${mebibytes(bytes)}`)
    .join(', ');
}

function mebibytes(bytes: number): string {
  return `${(bytes / blockSize).toFixed(2)} MiB`;
}
