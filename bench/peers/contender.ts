/** A contender: one of the compared programs, Jangada or another one, with its server. */
import type {Data} from '../data.ts';
import type {Command} from '../running/process.ts';

/** The surroundings of a contest. */
export type Arena = {
  /** The served folder. */
  readonly source: string;
  readonly data: Data;
  /** A folder only for settings and state of this contender. */
  readonly own: string;
  /** The port to connect to instead of the server's port: the near end of a link, if the contest has one. */
  reach(port: number): Promise<number>;
};

/** The content of the target before a run. */
export type Begin = {
  /** Whether to make it once for all runs, because no run changes it. */
  readonly once: boolean;
  make(source: string, target: string): Promise<void>;
};

export type Started = AsyncDisposable & {
  /** The timed program. */
  command(target: string): Command;
  /** The process of its server, if it has one. */
  serverPid?(): number | undefined;
  /** Called before each run, not timed: drop what the run before has learnt. */
  renew?(): Promise<void>;
};

export type Contender = {
  readonly name: string;
  /** Programs that must be installed. */
  readonly needs: readonly string[];
  /** The content of the target before each of its runs, if it differs from the row's. */
  readonly begin?: Begin;
  start(arena: Arena): Promise<Started>;
};
