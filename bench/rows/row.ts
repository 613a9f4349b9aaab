/** A row of the table: what is moved, over what, by whom, and how fast Jangada has to be. */
import {mkdir, rm} from 'node:fs/promises';
import type {Recipe} from '../data.ts';
import type {LinkOptions} from '../link/link.ts';
import type {Begin, Contender} from '../peers/contender.ts';
import type {Jangada} from '../peers/jangada.ts';

export type Row = {
  readonly name: string;
  /** What is done with the data, behind the words for the data. */
  readonly about: string;
  readonly recipe: Recipe;
  /** Where the target is; the source is in memory. */
  readonly place: 'memory' | 'disk';
  readonly link?: LinkOptions;
  /** What is in the target before each run. Default: nothing. */
  readonly begin?: Begin;
  readonly check: Check;
  readonly jangada: Jangada;
  readonly others: readonly Other[];
  /** Runs in each round: short ones want more. Default: 1. */
  readonly repeat?: number;
  /** How near to the time that the link alone needs for the bytes: its time ÷ Jangada's. */
  readonly linkGoal?: number;
  /** Milliseconds that Jangada may take. */
  readonly budgetMs?: number;
  /** Megabytes of a million bytes that each side of Jangada may take. Default: 150; `none` is not judged. */
  readonly memoryMB?: number | 'none';
};

export type Other = {
  readonly than: Contender;
  /** Its time ÷ Jangada's has to be this or more. Undefined: it is shown alone. */
  readonly goal?: number;
};

/**
 * How the result of a run is looked at, not timed. `same`: the target has what the source has, byte for byte. `untouched`: that in the
 * end, and nothing in it was written or replaced. `listed`: it has printed the name of each file. `status`: it has ended well.
 */
export type Check = 'same' | 'untouched' | 'listed' | 'status';

export const nothing: Begin = {
  once: false,
  async make(_source, target) {
    await rm(target, {recursive: true, force: true});
    await mkdir(target);
  },
};
