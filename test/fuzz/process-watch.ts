/** Watches the memory and the descriptors of a running process. */
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {isSystemError} from '../../source/transfers/terms/local-error.ts';

const everyMs = 50;

export class ProcessWatch {
  /** The highest values so far: MiB in memory, and open descriptors. */
  residentMiB = 0;
  descriptors = 0;
  readonly #process: string;
  readonly #timer: NodeJS.Timeout;

  /** @param pid undefined if the program could not be started. */
  constructor(pid: number | undefined) {
    this.#process = `/proc/${pid}`;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** The number of open sockets, and of open files and folders below `root`. Threads have other descriptors. */
  held(root: string): number {
    return this.#descriptors().filter(to => to.startsWith('socket:') || to.startsWith(`${root}/`))
      .length;
  }

  /** @throws if the process had more than `most` at any moment so far. */
  refuseMore(who: string, most: {residentMiB: number; descriptors: number}): void {
    if (this.residentMiB > most.residentMiB || this.descriptors > most.descriptors) {
      throw new Error(
        `The ${who} took ${Math.round(this.residentMiB)} MiB and ${this.descriptors} descriptors`,
      );
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
  #look(): void {
    const status = ifThere(() => readFileSync(`${this.#process}/status`, 'utf8')) ?? '';
    const kib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    this.residentMiB = Math.max(this.residentMiB, kib / 1024);
    this.descriptors = Math.max(this.descriptors, this.#descriptors().length);
  }

  /** The targets of the descriptors. */
  #descriptors(): string[] {
    const folder = `${this.#process}/fd`;
    const numbers = ifThere(() => readdirSync(folder)) ?? [];
    return numbers.flatMap(number => ifThere(() => readlinkSync(join(folder, number))) ?? []);
  }
}

/** The result of `ask`; undefined if the process or its descriptor is gone. */
function ifThere<Answer>(ask: () => Answer): Answer | undefined {
  try {
    return ask();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES')) {
      return undefined;
    }

    throw error;
  }
}
