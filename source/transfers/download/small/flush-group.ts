/** Small files that are written, and are flushed together before they get their names. */
import {setTime} from '../../disk/file-time.ts';
import {giveFinalName} from '../../disk/final-name.ts';
import type {Flusher} from '../../disk/flush.ts';
import type {OpenFolder} from '../../disk/folders/target-folder.ts';
import {openFiles} from '../../disk/open-files.ts';
import {partialReplaced} from '../../disk/partial-file.ts';
import {closeWholePartial, createWholePartial} from '../../disk/whole-partial.ts';
import {mayReplace} from '../../terms/conflict-policy.ts';
import type {RemoteVersion} from '../../terms/verdict.ts';
import {copyOf, fail, leave, type SmallFile, tellDone, tellOtherTime} from './small-file.ts';

const filesPerFlush = 128;

type Written = {
  file: SmallFile;
  fd: number;
  sha256: string | undefined;
  remote: RemoteVersion;
};

export class FlushGroup {
  readonly #flusher: Flusher;
  readonly #states: boolean;
  #written: Written[] = [];
  #flushing: Promise<unknown> = Promise.resolve();

  /** @param states whether to tell the state of each file. */
  constructor(flusher: Flusher, states = false) {
    this.#flusher = flusher;
    this.#states = states;
  }

  /**
   * Write `bytes`, all of `file`, to its partial. A file that has a partial already is left. The place of the
   * file among the open ones is given back when it is closed.
   *
   * @returns false if there was no descriptor for it: it has to come once more.
   */
  add(
    file: SmallFile,
    remote: RemoteVersion,
    bytes: Uint8Array,
    sha256: string | undefined,
  ): boolean {
    const {mtimeMs} = remote;
    let fd: number | undefined;
    try {
      fd = createWholePartial(file.folder, file.name, bytes);
      openFiles.opened();
      if (fd === undefined) {
        leave(file);
      } else {
        this.#written.push({file, fd, sha256, remote});
        tellOtherTime(file, mtimeMs, setTime(fd, mtimeMs));
      }
    } catch (error) {
      if (fd === undefined && openFiles.mayRetry(error)) {
        openFiles.give();
        this.startFlush();
        return false;
      }

      fail(file, error);
    }

    if (fd === undefined) {
      openFiles.give();
    }

    if (this.#written.length >= filesPerFlush) {
      this.startFlush();
    }

    return true;
  }

  /** Like `flush`, without waiting; the next `flush` throws its error. */
  startFlush(): void {
    this.flush().catch(() => {
      // Kept in `#flushing`.
    });
  }

  /** Flush and name the files that were written; resolves when all that were ever added are named. */
  async flush(): Promise<void> {
    const written = this.#written;
    this.#written = [];
    this.#flushing = Promise.all([this.#flushing, finish(written, this.#flusher, this.#states)]);
    await this.#flushing;
  }
}

async function finish(
  written: readonly Written[],
  flusher: Flusher,
  states: boolean,
): Promise<void> {
  const failure = await flusher.flush(written.map(({fd}) => fd)).then(
    () => undefined,
    (error: unknown) => ({error}),
  );
  for (const {file} of written) {
    file.tell({type: 'finish'});
  }

  const folders = new Set<OpenFolder>();
  const named: Written[] = [];
  for (const one of written) {
    const {file, fd} = one;
    try {
      // First of all: a network's disk may say only now that not all could be written.
      const hasName = close(fd);
      if (failure !== undefined) {
        throw failure.error;
      }

      if (file.wanted()) {
        if (!hasName) {
          throw partialReplaced(file.folder, file.name);
        }

        giveFinalName(file.folder, file.name, {overwrite: mayReplace(file.onConflict)});
        folders.add(file.folder);
        named.push(one);
      }
    } catch (error) {
      fail(file, error);
    }
  }

  try {
    await flusher.flushFolders(folders);
  } catch (error) {
    for (const {file} of named) {
      fail(file, error);
    }

    return;
  }

  for (const {file, sha256, remote} of named) {
    tellDone(file, 0, sha256, states ? copyOf(file, remote) : undefined);
  }
}

/**
 * @returns whether the partial still has its name.
 * @throws the system's error: the file is closed all the same.
 */
function close(fd: number): boolean {
  try {
    return closeWholePartial(fd);
  } finally {
    openFiles.give();
  }
}
