/**
 * A shelf on a local or mounted disk. A thread makes its calls, because they may wait for another server or hang with the
 * disk. The first call starts the thread: a server of small files has none.
 */
import {Worker} from 'node:worker_threads';
import {aborted} from '../../../protocol/errors.ts';
import {endThreads} from '../../waiting/end-threads.ts';
import {refuseThread} from '../../waiting/open-files.ts';
import type {DigestRun, DigestShelf, ShelvedFile} from '../digest-shelf.ts';
import type {SectionToSave} from './blocking-shelf.ts';
import type {NumberedCall, ShelfCall, ShelfPlace, ShelfReply} from './shelf-messages.ts';

/** The thread holds a few sections and little else. */
const resourceLimits = {maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64};

/** How long closing waits for the last call. */
const closeMs = 2000;

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './shelf-worker.ts' : './shelf-worker.js',
  import.meta.url,
);

type Running = PromiseWithResolvers<readonly DigestRun[]>;

export class ThreadShelf implements DigestShelf {
  readonly #place: ShelfPlace;
  readonly #base: string;
  #worker: Worker | undefined;
  readonly #calls = new Map<number, Running>();
  #lastId = 0;
  #closed = false;
  /** Sections to save together in the next turn of the event loop. */
  #toSave: {sections: SectionToSave[]; saving: Promise<unknown>} | undefined;

  /** @param base the prefix of the paths of files; two roots on one shelf have different ones. */
  constructor(place: ShelfPlace, base: string) {
    this.#place = place;
    this.#base = base;
  }

  load(file: ShelvedFile, section: number): Promise<readonly DigestRun[]> {
    return this.#call({do: 'load', key: {file: this.#based(file), section}});
  }

  async save(file: ShelvedFile, section: number, runs: readonly DigestRun[]): Promise<void> {
    this.#toSave ??= this.#saveNext();
    this.#toSave.sections.push({key: {file: this.#based(file), section}, runs});
    await this.#toSave.saving;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined || this.#closed) {
      return;
    }

    this.#closed = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, closeMs);
    });
    const closed = this.#ask(worker, {do: 'close'}).catch(() => {});
    await Promise.race([closed, late]);
    clearTimeout(timer);
    await endThreads([worker]);
  }

  #based(file: ShelvedFile): ShelvedFile {
    return {...file, path: `${this.#base}${file.path}`};
  }

  #saveNext(): {sections: SectionToSave[]; saving: Promise<unknown>} {
    const sections: SectionToSave[] = [];
    const saving = Promise.resolve().then(() => {
      this.#toSave = undefined;
      return this.#call({do: 'save', sections});
    });
    return {sections, saving};
  }

  async #call(call: ShelfCall): Promise<readonly DigestRun[]> {
    if (this.#closed) {
      throw aborted('The server is stopping');
    }

    this.#worker ??= this.#start();
    return await this.#ask(this.#worker, call);
  }

  async #ask(worker: Worker, call: ShelfCall): Promise<readonly DigestRun[]> {
    const id = ++this.#lastId;
    const running: Running = Promise.withResolvers();
    this.#calls.set(id, running);
    worker.ref();
    worker.postMessage({id, call} satisfies NumberedCall);
    try {
      return await running.promise;
    } finally {
      this.#calls.delete(id);
      if (this.#calls.size === 0) {
        worker.unref();
      }
    }
  }

  /** @throws JangadaError `busy` or `too_large` if no descriptors are left for a thread. */
  #start(): Worker {
    refuseThread();
    const worker = new Worker(workerFile, {workerData: this.#place, resourceLimits});
    worker.on('message', (reply: ShelfReply) => {
      const running = this.#calls.get(reply.id);
      if ('error' in reply) {
        running?.reject(new Error(reply.error));
      } else {
        running?.resolve(reply.runs);
      }
    });
    worker.on('error', error => this.#lose(worker, error.message));
    worker.on('exit', () => this.#lose(worker, 'The thread has ended'));
    return worker;
  }

  #lose(worker: Worker, reason: string): void {
    if (this.#worker === worker) {
      this.#worker = undefined;
      for (const running of this.#calls.values()) {
        running.reject(new Error(reason));
      }
    }
  }
}
