/** A row of the table: which data, over which link, with which programs, and how fast Jangada has to be. */
import {mkdir, rm} from 'node:fs/promises';
import type {Recipe} from '../data.ts';
import type {LinkOptions} from '../link/link.ts';
import type {Begin, Contender} from '../peers/contender.ts';
import type {Jangada} from '../peers/jangada.ts';

export type Row = {
  readonly name: string;
  /** What happens with the data; follows the description of the data. */
  readonly about: string;
  readonly recipe: Recipe;
  /** Where the target is; the source is in memory. */
  readonly place: 'memory' | 'disk';
  readonly link?: LinkOptions;
  /** The content of the target before each run. Default: nothing. */
  readonly begin?: Begin;
  readonly check: Check;
  readonly jangada: Jangada;
  readonly others: readonly Other[];
  /** Runs in each round; short runs need more. Default: 1. */
  readonly repeat?: number;
  /** The time that the link itself needs for the bytes ÷ Jangada's time, at least. */
  readonly linkGoal?: number;
  /** The most milliseconds for Jangada. */
  readonly budgetMs?: number;
  /** The most memory of each side of Jangada, in MB of a million bytes. Default: 150; `none`: no goal. */
  readonly memoryMB?: number | 'none';
};

export type Other = {
  readonly than: Contender;
  /** The least ratio of its time to Jangada's time. Undefined: no goal. */
  readonly goal?: number;
};

/**
 * How the result of a run is checked, outside the measured time. `same`: the target equals the source, byte for byte.
 * `untouched`: also, no file was written or replaced. `listed`: the program has printed the name of each file. `status`: the
 * program has exited with 0.
 */
export type Check = 'same' | 'untouched' | 'listed' | 'status';

export const nothing: Begin = {
  once: false,
  async make(_source, target) {
    await rm(target, {recursive: true, force: true});
    await mkdir(target);
  },
};
