/** One of the programs that are compared: Jangada or another one, each with its server. */
import type {Data} from '../data.ts';
import type {Command} from '../running/process.ts';

/** Where a contest is held. */
export type Arena = {
  /** The folder that is served. */
  readonly source: string;
  readonly data: Data;
  /** A folder for settings and state of this contender alone. */
  readonly own: string;
  /** The port to connect to in place of the server's: the near end of a link, where the contest has one. */
  reach(port: number): Promise<number>;
};

/** What is in the target before a run. */
export type Begin = {
  /** Whether it is made once for all runs: none of them changes it. */
  readonly once: boolean;
  make(source: string, target: string): Promise<void>;
};

export type Started = AsyncDisposable & {
  /** The program that is timed. */
  command(target: string): Command;
  /** Its server, if it has one. */
  serverPid?(): number | undefined;
  /** Before each run, not timed: what was learnt by the run before is forgotten. */
  renew?(): Promise<void>;
};

export type Contender = {
  readonly name: string;
  /** Programs that have to be installed. */
  readonly needs: readonly string[];
  /** What is in the target before each of its runs, if not what the row says. */
  readonly begin?: Begin;
  start(arena: Arena): Promise<Started>;
};
