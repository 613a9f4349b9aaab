/**
 * A list of checksums on disk, kept open. Before each change it checks that the open file still has its name: lines
 * must not go into a file that has become something else, perhaps the partial of a download.
 */
import {Buffer} from 'node:buffer';
import {randomBytes} from 'node:crypto';
import {constants, type Stats} from 'node:fs';
import {access, type FileHandle, lstat, open, unlink} from 'node:fs/promises';
import path from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {fittingName} from '../../transfers/disk/fitting-name.ts';
import {flusher} from '../../transfers/disk/flush.ts';
import {disk} from '../../transfers/system/disk.ts';
import {isSystemError} from '../../transfers/terms/local-error.ts';
import {type ListLine, readChecksums} from './read-checksums.ts';

const noFollow = constants.O_NOFOLLOW ?? 0;

const createFlags = constants.O_CREAT | constants.O_EXCL;
const appendFlags = constants.O_WRONLY | constants.O_APPEND | noFollow;

export class ListFile {
  readonly path: string;
  readonly #isNew: boolean;
  #handle: FileHandle;

  /**
   * Open the list at `path`, or make an empty one.
   *
   * @throws JangadaError `unsafe_target` if the path is not a regular file; an error of the system if it cannot be
   * written.
   */
  static async open(file: string): Promise<ListFile> {
    const found = await lookAt(file);
    if (found?.isFile() === false) {
      throw new JangadaError(
        'unsafe_target',
        `${displayName(file)} is a folder, a link or a device: --checksums needs a regular file`,
      );
    }

    const isNew = found === undefined;
    // To replace a line, jangada makes a new list in this folder.
    await access(path.dirname(file), constants.W_OK);
    const handle = await open(file, isNew ? appendFlags | createFlags : appendFlags, 0o666);
    return new ListFile(file, handle, isNew);
  }

  private constructor(file: string, handle: FileHandle, isNew: boolean) {
    this.path = file;
    this.#handle = handle;
    this.#isNew = isNew;
  }

  lines(): AsyncGenerator<ListLine> {
    return readChecksums(this.path);
  }

  /** Append whole lines: all of them, or none. */
  async append(text: string): Promise<void> {
    const {size} = await this.#checkOurs();
    try {
      await this.#handle.appendFile(text);
    } catch (error) {
      // An incomplete line would damage the next one.
      await this.#handle.truncate(size);
      throw error;
    }
  }

  /** Replace the list by a new one: the lines that `keep` accepts, then `text`. */
  async rewrite(text: string, keep: (line: ListLine) => boolean): Promise<void> {
    const {mode} = await this.#checkOurs();
    const {dir, base} = path.parse(this.path);
    const fresh = path.join(dir, fittingName(base, `.${randomBytes(6).toString('hex')}.tmp`));
    const handle = await open(fresh, appendFlags | createFlags, 0o600);
    try {
      await handle.chmod(mode & 0o777);
      await this.#copyTo(handle, keep);
      await handle.appendFile(text);
      await flusher.flush([handle.fd]);
      await this.#checkOurs();
      disk.renameSync(fresh, this.path);
    } catch (error) {
      await handle.close();
      await removeIfThere(fresh);
      throw error;
    }

    await this.#handle.close();
    this.#handle = handle;
  }

  /** Flush the list to the disk, and then its name. @throws JangadaError `local_io`, `no_space`. */
  async sync(): Promise<void> {
    await flusher.flush([this.#handle.fd]);
    await flusher.flushPath(path.dirname(this.path));
  }

  /** Remove the list if this program made it and it is empty. */
  async removeIfNew(): Promise<void> {
    const ours = await this.#handle.stat();
    if (this.#isNew && ours.size === 0 && isSame(ours, await lookAt(this.path))) {
      await removeIfThere(this.path);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #copyTo(handle: FileHandle, keep: (line: ListLine) => boolean): Promise<void> {
    let kept: Buffer[] = [];
    for await (const line of this.lines()) {
      if (keep(line)) {
        kept.push(line.bytes, lineFeed);
      }

      if (kept.length >= piecesAtOnce) {
        await handle.appendFile(Buffer.concat(kept));
        kept = [];
      }
    }

    await handle.appendFile(Buffer.concat(kept));
  }

  /** @throws JangadaError `unsafe_target` if the list no longer has its name. */
  async #checkOurs(): Promise<Stats> {
    const ours = await this.#handle.stat();
    if (!isSame(ours, await lookAt(this.path))) {
      throw new JangadaError(
        'unsafe_target',
        `${displayName(this.path)} was removed or replaced by another program meanwhile`,
      );
    }

    return ours;
  }
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

const lineFeed = Buffer.from('\n');

/** Number of strings that are joined into one write. */
const piecesAtOnce = 2000;

async function lookAt(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) {
      return undefined;
    }

    throw error;
  }
}

async function removeIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) {
      throw error;
    }
  }
}
