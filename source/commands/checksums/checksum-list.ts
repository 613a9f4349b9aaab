/**
 * The list of checksums that a downloading command writes. It appends a line soon after a file is finished, so that an
 * interruption keeps the lines. If the content of a listed file has changed, it replaces the list by a new one without
 * the old line.
 */
import {realpathSync} from 'node:fs';
import path from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {partialSuffix} from '../../../protocol/remote-path.ts';
import {openQueueStore} from '../../transfers/database/open-queue-store.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import {localError} from '../../transfers/terms/local-error.ts';
import {count} from '../format.ts';
import {checksumKey, formatChecksumLine} from './checksum-line.ts';
import {ListFile} from './list-file.ts';
import {lock, nameOf, placeOf} from './list-place.ts';
import {type ListLine, notAList} from './read-checksums.ts';

type ChecksumListOptions = {
  /** Absolute. It is made if it does not exist; an existing file has to be a list of checksums. */
  file: string;
  /** The folder that names are relative to, made if it is missing; without it, names are absolute. */
  folder?: string | undefined;
  environment: NodeJS.ProcessEnv;
};

export class ChecksumList implements AsyncDisposable {
  readonly #file: ListFile;
  readonly #folder: string | undefined;
  readonly #locks: QueueStore | undefined;
  /** The digest that the list has for each name, once all lines are written; empty if a name has several digests. */
  readonly #known = new Map<string, string>();
  /** Lines that are not written yet, by the key of their names. */
  #pending = new Map<string, string>();
  /** Names whose lines in the list are out of date. */
  #outdated = new Set<string>();
  // Whether the list ends in an incomplete line: the next line then begins on a line of its own.
  #endsTorn = false;
  #isWritten = false;
  #failure: JangadaError | undefined;
  #writing: Promise<void> | undefined;
  #ended: Promise<JangadaError | undefined> | undefined;

  /**
   * Read the existing list, or make an empty one.
   *
   * @throws JangadaError if the file is not such a list, cannot be written, or another jangada writes to it. The file
   * is not changed then.
   */
  static async open({file, folder, environment}: ChecksumListOptions): Promise<ChecksumList> {
    if (file.endsWith(partialSuffix)) {
      const name = displayName(path.basename(file));
      throw new JangadaError(
        'usage',
        `Invalid value '${name}' for --checksums: names that end in ${partialSuffix} are for partials`,
      );
    }

    const place = await placeOf(file, folder);
    const locks = openQueueStore(environment).store;
    let list: ListFile | undefined;
    try {
      lock(place, locks);
      list = await ListFile.open(place);
      const checksums = new ChecksumList(list, folder, locks);
      await checksums.#read();
      return checksums;
    } catch (error) {
      await list?.close();
      locks?.[Symbol.dispose]();
      throw localError(error, file);
    }
  }

  private constructor(file: ListFile, folder: string | undefined, locks: QueueStore | undefined) {
    this.#file = file;
    this.#folder = folder;
    this.#locks = locks;
  }

  /** Whether `target`, which is locked, is the list itself: a download must not replace it. */
  isAt(target: string): boolean {
    try {
      const folder = realpathSync(path.dirname(target));
      return path.join(folder, path.basename(target)) === this.#file.path;
    } catch {
      // The list is in a folder that exists.
      return false;
    }
  }

  /** Add a line for the finished file `target`; the next `flush` writes it. */
  add(target: string, sha256: string): void {
    const name = nameOf(target, this.#folder);
    const key = checksumKey(name);
    const known = this.#known.get(key);
    if (known === sha256) {
      return;
    }

    if (known !== undefined) {
      this.#outdated.add(key);
    }

    this.#known.set(key, sha256);
    this.#pending.set(key, formatChecksumLine({sha256, name}));
  }

  /** Begin to write the added lines. Lines that cannot be written are tried again the next time. */
  flush(): void {
    void this.#write();
  }

  /** Write all added lines, and flush them to the disk. @returns the error, if any. */
  end(): Promise<JangadaError | undefined> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #read(): Promise<void> {
    for await (const line of this.#file.lines()) {
      this.#learn(line);
    }
  }

  #learn({says, number, ended, bytes}: ListLine): void {
    this.#endsTorn = !ended;
    if (says === 'bad') {
      if (ended || this.#known.size === 0 || !beginning.test(bytes.toString('latin1'))) {
        throw notAList(
          this.#file.path,
          `line ${number} has no SHA-256 checksum. Name another file for --checksums`,
        );
      }
    } else if (says !== 'nothing') {
      const key = checksumKey(says.name);
      const known = this.#known.get(key) ?? says.sha256;
      this.#known.set(key, known === says.sha256 ? known : '');
    }
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.size > 0) {
      const [lines, outdated] = [this.#pending, this.#outdated];
      [this.#pending, this.#outdated] = [new Map(), new Set()];
      try {
        await this.#put([...lines.values()].join(''), outdated);
      } catch (error) {
        this.#pending = new Map([...lines, ...this.#pending]);
        this.#outdated = new Set([...outdated, ...this.#outdated]);
        this.#failure = localError(error, this.#file.path);
        return;
      }
    }
  }

  async #put(text: string, outdated: ReadonlySet<string>): Promise<void> {
    if (this.#endsTorn || outdated.size > 0) {
      await this.#file.rewrite(text, line => isCurrent(line, outdated));
      this.#endsTorn = false;
    } else {
      await this.#file.append(text);
    }

    this.#isWritten = true;
  }

  async #end(): Promise<JangadaError | undefined> {
    try {
      await this.#writing;
      await this.#write();
      if (this.#pending.size > 0 && this.#failure !== undefined) {
        const {code, message} = this.#failure;
        const missing = count(this.#pending.size, 'checksum');
        return new JangadaError(
          code,
          `${message}. ${missing} could not be written to it; the downloaded files are complete`,
        );
      }

      await (this.#isWritten ? this.#file.sync() : this.#file.removeIfNew());
      return undefined;
    } catch (error) {
      return localError(error, this.#file.path);
    } finally {
      await this.#file.close();
      this.#locks?.[Symbol.dispose]();
    }
  }
}

/** The possible beginnings of a line that was not completely written. */
const beginning = /^\\?[0-9a-f]{0,64} ?[ *]?$/;

function isCurrent({says}: ListLine, outdated: ReadonlySet<string>): boolean {
  return says === 'nothing' || (says !== 'bad' && !outdated.has(checksumKey(says.name)));
}
