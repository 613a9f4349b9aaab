/** Typed lines in a file of the state folder, one on each line of the file. */
import {readFileSync, statSync} from 'node:fs';
import {displayName} from '../protocol/display-text.ts';
import {JangadaError} from '../protocol/errors.ts';
import {replaceFile} from '../protocol/program/replace-file.ts';
import {underLock} from '../protocol/program/under-lock.ts';

/** Larger than any file of this kind: another program's file has that name. */
const mostBytes = 4_000_000;

/** How long a change waits for another process that writes; keys wait meanwhile, too. */
const patienceMs = 500;

export class KeptLinesFile {
  readonly #file: string;

  /** @param file absolute path. */
  constructor(file: string) {
    this.#file = file;
  }

  /** All lines, the oldest first. @throws JangadaError `local_io` if the file exists and cannot be read. */
  read(): string[] {
    try {
      const size = statSync(this.#file, {throwIfNoEntry: false})?.size ?? 0;
      return size === 0 || size > mostBytes
        ? []
        : readFileSync(this.#file, 'utf8')
            .split('\n')
            .filter(line => line !== '');
    } catch (error) {
      throw this.#failed('read', error);
    }
  }

  /** Replace all lines by what `edit` makes of them; only this user can read the file. @throws JangadaError `local_io`. */
  change(edit: (lines: readonly string[]) => readonly string[]): void {
    underLock(
      this.#file,
      () => {
        const lines = edit(this.read());
        try {
          replaceFile(this.#file, lines.map(line => `${line}\n`).join(''));
        } catch (error) {
          throw this.#failed('written', error);
        }
      },
      {patienceMs},
    );
  }

  #failed(what: 'read' | 'written', cause: unknown): JangadaError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new JangadaError(
      'local_io',
      `The history in ${displayName(this.#file)} cannot be ${what}: ${displayName(why)}`,
      {cause},
    );
  }
}
