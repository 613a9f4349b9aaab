/** The small files that the writer has in hand, and the code that carries out its requests. */
import {JangadaError, systemErrorCode} from '../../../../protocol/errors.ts';
import {setTime} from '../file-time.ts';
import {giveFinalName} from '../final-name.ts';
import {Flusher} from '../flush.ts';
import {closeWholePartial, createWholePartial, type WholePartial} from '../whole-partial.ts';
import type {
  NamedFile,
  WriterAnswer,
  WriterError,
  WriterRequest,
  WrittenFile,
} from './writer-messages.ts';

/** The current folder. Its path is not known here. */
const here = {path: '', at: (name: string) => name};

type Written = {name: string; partial: WholePartial};

export class WriterFiles {
  readonly #enter: (folder: number) => void;
  readonly #flusher = new Flusher();
  /** By group, in order of arrival; undefined: a file that could not be written. */
  readonly #groups = new Map<number, Array<Written | undefined>>();

  /** @param enter makes the folder that the other process holds open as descriptor `folder` the current one. */
  constructor(enter: (folder: number) => void) {
    this.#enter = enter;
  }

  /**
   * Carry out a request. `bytes` holds the contents of the files to write, one after the other.
   *
   * @throws the system's error if a folder cannot be entered.
   */
  answer(request: WriterRequest, bytes: Uint8Array): WriterAnswer | Promise<WriterAnswer> {
    switch (request.kind) {
      case 'write':
        return {kind: 'written', files: this.#write(request, bytes)};
      case 'flush':
        return this.#flush(request.group);
      case 'name':
        return {kind: 'named', files: this.#name(request)};
    }
  }

  #write(
    {group, folder, files}: Extract<WriterRequest, {kind: 'write'}>,
    bytes: Uint8Array,
  ): Array<WrittenFile | WriterError | null> {
    this.#enter(folder);
    const all = this.#groups.get(group) ?? [];
    this.#groups.set(group, all);
    let from = 0;
    return files.map(file => {
      const index = all.push(undefined) - 1;
      const [name, size, mtimeMs] = file;
      from += size;
      try {
        const partial = createWholePartial(here, name, bytes.subarray(from - size, from));
        all[index] = partial && {name, partial};
        return partial === undefined
          ? null
          : {dev: partial.dev, ino: partial.ino, other: setTime(partial.fd, mtimeMs)};
      } catch (error) {
        return asAnswer(error);
      }
    });
  }

  async #flush(group: number): Promise<WriterAnswer> {
    const all = this.#groups.get(group) ?? [];
    try {
      await this.#flusher.flushFiles(all.flatMap(one => one?.partial ?? []));
      return {kind: 'flushed'};
    } catch (error) {
      return {kind: 'flushed', error: asAnswer(error)};
    }
  }

  #name({group, files}: Extract<WriterRequest, {kind: 'name'}>): NamedFile[] {
    const all = this.#groups.get(group) ?? [];
    this.#groups.delete(group);
    let current: number | undefined;
    const named = files.map(([folder, index, overwrite]): NamedFile => {
      const one = all[index];
      all[index] = undefined;
      if (folder !== current) {
        this.#enter(folder);
        current = folder;
      }

      try {
        if (one === undefined || !closeWholePartial(one.partial)) {
          return 'replaced';
        }

        giveFinalName(here, one.name, {overwrite});
        return 'named';
      } catch (error) {
        return asAnswer(error);
      }
    });
    for (const one of all) {
      // Nobody waits for this file any more.
      if (one !== undefined) {
        closeWholePartial(one.partial);
      }
    }

    return named;
  }
}

function asAnswer(error: unknown): WriterError {
  const cause = error instanceof JangadaError ? error.cause : error;
  return {code: systemErrorCode(cause) ?? '', message: String(cause)};
}
