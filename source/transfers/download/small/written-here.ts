/** Small files that this process writes itself, each with a few synchronous calls. */
import {setTime} from '../../disk/file-time.ts';
import {giveFinalName} from '../../disk/final-name.ts';
import type {Flusher} from '../../disk/flush.ts';
import {openFiles} from '../../disk/open-files.ts';
import {partialReplaced} from '../../disk/partial-file.ts';
import {
  closeWholePartial,
  createWholePartial,
  type WholePartial,
} from '../../disk/whole-partial.ts';
import {mayReplace} from '../../terms/conflict-policy.ts';
import {fail, leave, removeUnflushed, tellOtherTime} from './small-file.ts';
import type {Written, WrittenFiles} from './written-files.ts';

export class WrittenHere implements WrittenFiles {
  readonly #flusher: Flusher;
  readonly #all: Array<Written & {partial: WholePartial}> = [];

  constructor(flusher: Flusher) {
    this.#flusher = flusher;
  }

  get files(): readonly Written[] {
    return this.#all;
  }

  /** @returns false if there was no descriptor for the file: it must be fetched once more. */
  add(one: Written, bytes: Uint8Array): boolean {
    const {file, remote} = one;
    let partial: WholePartial | undefined;
    try {
      partial = createWholePartial(file.folder, file.name, bytes);
      openFiles.opened();
      if (partial === undefined) {
        leave(file);
      } else {
        this.#all.push({...one, partial});
        tellOtherTime(file, remote.mtimeMs, setTime(partial.fd, remote.mtimeMs));
      }
    } catch (error) {
      if (partial === undefined && openFiles.mayRetry(error)) {
        openFiles.give();
        return false;
      }

      fail(file, error);
    }

    if (partial === undefined) {
      openFiles.give();
    }

    return true;
  }

  async flush(): Promise<void> {
    await this.#flusher.flushFiles(this.#all.map(({partial}) => partial));
  }

  // All in one turn of the event loop, so that a later pause finds the files renamed.
  async name(failure: {error: unknown} | undefined): Promise<readonly Written[]> {
    return this.#all.filter(({file, partial}) => {
      try {
        // Close first: a network disk may report only now that a write has failed.
        const hasName = close(partial);
        if (failure !== undefined) {
          removeUnflushed(file, () => hasName);
          throw failure.error;
        }

        if (!file.wanted()) {
          return false;
        }

        if (!hasName) {
          throw partialReplaced(file.folder, file.name);
        }

        giveFinalName(file.folder, file.name, {overwrite: mayReplace(file.onConflict)});
        return true;
      } catch (error) {
        fail(file, error);
        return false;
      }
    });
  }
}

function close(partial: WholePartial): boolean {
  try {
    return closeWholePartial(partial);
  } finally {
    openFiles.give();
  }
}
