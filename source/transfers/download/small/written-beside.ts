/**
 * Small files that the writer of this process writes, flushes and renames. If the writer dies, nothing is lost: files
 * that were not flushed are left to separate downloads, which continue from the existing partials; flushed files are
 * renamed by this process.
 */
import {Buffer} from 'node:buffer';
import {lstatSync} from 'node:fs';
import {join} from 'node:path';
import {giveFinalName} from '../../disk/final-name.ts';
import {markInUse} from '../../disk/in-use.ts';
import {partialName} from '../../disk/local-name.ts';
import {openFiles} from '../../disk/open-files.ts';
import {deletePartial, partialReplaced} from '../../disk/partial-file.ts';
import type {
  FileToWrite,
  WriterAnswer,
  WriterError,
  WrittenFile,
} from '../../disk/writer/writer-messages.ts';
import type {WriterProcess} from '../../disk/writer/writer-process.ts';
import {mayReplace} from '../../terms/conflict-policy.ts';
import {localError} from '../../terms/local-error.ts';
import {fail, leave, removeUnflushed, type SmallFile, tellOtherTime} from './small-file.ts';
import type {Written, WrittenFiles} from './written-files.ts';

/** A larger file costs more to hand over than to write. */
const mostBytesPerFile = 65_536;

/** Most files and bytes in one message to the writer; fewer, if no more have arrived in this turn. */
const filesPerMessage = 64;
const bytesPerMessage = 262_144;

/** Most messages with memory at a time. A sent message gives its memory back. */
const mostMessages = 32;

type Beside = Written & {
  /** Its index among all files of the group that were handed over. */
  index: number;
  /** Set once the file is written. */
  at?: {dev: number; ino: number; letGo: () => void};
};

type Message = {folder: number; files: FileToWrite[]; all: Beside[]; bytes: Buffer; length: number};

export class WrittenBeside implements WrittenFiles {
  readonly #writer: WriterProcess;
  readonly #group: number;
  readonly #letGo: () => void;
  /** Files that were handed over and have not ended. */
  readonly #all = new Set<Beside>();
  readonly #sent: Array<Promise<void>> = [];
  #message: Message | undefined;
  #count = 0;

  /** @param letGo called when this group no longer uses the writer. */
  constructor(writer: WriterProcess, letGo: () => void) {
    this.#writer = writer;
    this.#group = writer.newGroup();
    this.#letGo = letGo;
  }

  get files(): readonly Written[] {
    return [...this.#all];
  }

  /** @returns false if this process must write the file itself. */
  add(one: Written, bytes: Uint8Array): boolean {
    const {fd} = one.file.folder;
    const isFit = bytes.length <= mostBytesPerFile && this.#writer.canTake(bytes.length);
    const message = isFit && fd !== undefined ? this.#messageFor(fd, bytes.length) : undefined;
    if (message === undefined) {
      return false;
    }

    const beside = {...one, index: this.#count++};
    this.#all.add(beside);
    message.all.push(beside);
    message.files.push([one.file.name, bytes.length, one.remote.mtimeMs]);
    message.bytes.set(bytes, message.length);
    message.length += bytes.length;
    return true;
  }

  /** A message with room for the file; undefined if there is no memory for another message. */
  #messageFor(folder: number, bytes: number): Message | undefined {
    const open = this.#message;
    if (
      open !== undefined &&
      open.folder === folder &&
      open.files.length < filesPerMessage &&
      open.length + bytes <= bytesPerMessage
    ) {
      return open;
    }

    this.#send();
    const memory = takeMemory();
    if (memory === undefined) {
      return undefined;
    }

    const message = {folder, files: [], all: [], bytes: memory, length: 0};
    this.#message = message;
    setImmediate(() => {
      if (this.#message === message) {
        this.#send();
      }
    });
    return message;
  }

  #send(): void {
    const message = this.#message;
    this.#message = undefined;
    if (message !== undefined) {
      this.#sent.push(this.#write(message));
    }
  }

  async #write({folder, files, all, bytes, length}: Message): Promise<void> {
    const answer = await this.#writer.request(
      {kind: 'write', group: this.#group, folder, files},
      bytes.subarray(0, length),
      () => free.push(bytes),
    );
    const written = answer?.kind === 'written' ? answer.files : [];
    for (const [index, one] of all.entries()) {
      this.#wrote(one, written[index]);
    }
  }

  #wrote(one: Beside, written: WrittenFile | WriterError | null | undefined): void {
    const {file, remote} = one;
    if (written === undefined || written === null) {
      this.#end(one, leave);
    } else if ('code' in written) {
      const error = errorOf(file, written);
      // A separate download waits for a descriptor.
      this.#end(one, openFiles.mayRetry(error) ? leave : () => fail(file, error));
    } else {
      const {dev, ino} = written;
      openFiles.opened();
      one.at = {dev, ino, letGo: markInUse({dev, ino})};
      tellOtherTime(file, remote.mtimeMs, written.other);
    }
  }

  #end(one: Beside, tell?: (file: SmallFile) => void): void {
    one.at?.letGo();
    this.#all.delete(one);
    openFiles.give();
    if (one.file.wanted()) {
      tell?.(one.file);
    }
  }

  async flush(): Promise<void> {
    this.#send();
    await Promise.all(this.#sent);
    const answer = await this.#request({kind: 'flush', group: this.#group}, 'flushed');
    if (answer === undefined) {
      for (const one of this.#all) {
        this.#end(one, leave);
      }
    } else if (answer.error !== undefined) {
      throw localError(systemError(answer.error), 'flushing');
    }
  }

  async name(failure: {error: unknown} | undefined): Promise<readonly Written[]> {
    if (failure !== undefined) {
      for (const one of this.#all) {
        // Also if nobody wants the file now: a later attempt would trust its partial.
        removeUnflushed(one.file, () => isOurs(one, partialName(one.file.name)));
        this.#end(one, file => fail(file, failure.error));
      }
    }

    const wanted = [...this.#all].filter(({file}) => file.wanted());
    const files = wanted.map(
      ({file, index}) => [file.folder.fd ?? -1, index, mayReplace(file.onConflict)] as const,
    );
    const answer = await this.#request({kind: 'name', group: this.#group, files}, 'named');
    this.#letGo();
    const named = wanted.filter((one, index) => {
      const {file} = one;
      try {
        const how = answer === undefined ? nameHere(one) : answer.files[index];
        if (how !== 'named') {
          throw how === 'replaced' || how === undefined
            ? partialReplaced(file.folder, file.name)
            : errorOf(file, how, file.name);
        }

        return true;
      } catch (error) {
        // The file may have been canceled while the writer renamed it.
        if (file.wanted()) {
          fail(file, error);
        }

        return false;
      }
    });
    for (const one of this.#all) {
      this.#end(one);
    }

    return named;
  }

  async #request<Kind extends 'flushed' | 'named'>(
    request: Parameters<WriterProcess['request']>[0],
    kind: Kind,
  ): Promise<Extract<WriterAnswer, {kind: Kind}> | undefined> {
    const answer = await this.#writer.request(request);
    // TypeScript cannot see that the answer has that kind.
    return answer?.kind === kind ? (answer as Extract<WriterAnswer, {kind: Kind}>) : undefined;
  }
}

/** Memory of sent messages, for reuse. */
const free: Buffer[] = [];
let taken = 0;

function takeMemory(): Buffer | undefined {
  const memory = free.pop();
  if (memory === undefined && taken < mostMessages) {
    taken++;
    return Buffer.allocUnsafeSlow(bytesPerMessage);
  }

  return memory;
}

/**
 * Rename a flushed file, if the writer had not done so when it ended.
 *
 * @throws JangadaError
 */
function nameHere(one: Beside): 'named' | 'replaced' {
  const {file} = one;
  const {folder, name} = file;
  const hasPartial = isOurs(one, partialName(name));
  if (isOurs(one, name)) {
    if (hasPartial) {
      deletePartial(folder, name);
    }

    return 'named';
  }

  if (!hasPartial) {
    return 'replaced';
  }

  giveFinalName(folder, name, {overwrite: mayReplace(file.onConflict)});
  return 'named';
}

/** Whether the file that was written has this name. */
function isOurs({file, at}: Beside, name: string): boolean {
  const stats = lstatSync(file.folder.at(name), {throwIfNoEntry: false});
  return stats !== undefined && stats.ino === at?.ino && stats.dev === at.dev;
}

function errorOf({folder, name}: SmallFile, error: WriterError, place = partialName(name)) {
  return localError(systemError(error), join(folder.path, place));
}

function systemError({code, message}: WriterError): Error {
  return Object.assign(new Error(message), code === '' ? {} : {code});
}
