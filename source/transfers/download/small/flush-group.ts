/**
 * Small files that are written and then flushed together before they get their names: by this process, or by its writer
 * if there is one that keeps up.
 */
import type {Flusher} from '../../disk/flush.ts';
import type {OpenFolder} from '../../disk/folders/target-folder.ts';
import {writer} from '../../disk/writer/writer.ts';
import type {RemoteVersion} from '../../terms/verdict.ts';
import {copyOf, fail, type SmallFile, tellDone} from './small-file.ts';
import {WrittenBeside} from './written-beside.ts';
import type {WrittenFiles} from './written-files.ts';
import {WrittenHere} from './written-here.ts';

const filesPerFlush = 128;

export class FlushGroup {
  readonly #flusher: Flusher;
  readonly #states: boolean;
  readonly #writer: typeof writer;
  #here: WrittenHere;
  #beside: WrittenBeside | undefined;
  #count = 0;
  #flushing: Promise<unknown> = Promise.resolve();

  /** @param states whether to report the state of each file. */
  constructor(flusher: Flusher, states = false, beside = writer) {
    this.#flusher = flusher;
    this.#states = states;
    this.#writer = beside;
    this.#here = new WrittenHere(flusher);
  }

  /**
   * Write `bytes`, the contents of `file`, to its partial. A file that already has a partial is left. The file's place
   * among the open files is given back when it is closed.
   *
   * @returns false if there was no descriptor: the file must be fetched once more.
   */
  add(
    file: SmallFile,
    remote: RemoteVersion,
    bytes: Uint8Array,
    sha256: string | undefined,
  ): boolean {
    const one = {file, remote, sha256};
    this.#beside ??= this.#openBeside();
    const isAdded = this.#beside?.add(one, bytes) === true || this.#here.add(one, bytes);
    if (!isAdded || ++this.#count >= filesPerFlush) {
      this.startFlush();
    }

    return isAdded;
  }

  #openBeside(): WrittenBeside | undefined {
    const taken = this.#writer.take();
    return taken && new WrittenBeside(taken, () => this.#writer.letGo());
  }

  /** As `flush`, without waiting. The next `flush` throws its error. */
  startFlush(): void {
    this.flush().catch(() => {
      // The error is kept in `#flushing`.
    });
  }

  /** Flush and rename the files written so far. Resolves when all files that were ever added have their names. */
  async flush(): Promise<void> {
    const written = this.#beside === undefined ? [this.#here] : [this.#here, this.#beside];
    this.#here = new WrittenHere(this.#flusher);
    this.#beside = undefined;
    this.#count = 0;
    this.#flushing = Promise.all([this.#flushing, finish(written, this.#flusher, this.#states)]);
    await this.#flushing;
  }
}

async function finish(
  written: readonly WrittenFiles[],
  flusher: Flusher,
  states: boolean,
): Promise<void> {
  const failures = await Promise.all(
    written.map(files =>
      files.flush().then(
        () => undefined,
        (error: unknown) => ({error}),
      ),
    ),
  );
  for (const {files} of written) {
    for (const {file} of files) {
      file.tell({type: 'finish'});
    }
  }

  const all = await Promise.all(written.map((files, index) => files.name(failures[index])));
  const named = all.flat();
  const folders = new Set<OpenFolder>(named.map(({file}) => file.folder));
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
