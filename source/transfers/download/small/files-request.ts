/** Gathers small files for requests that ask for many at once, where the server can do that. */
import {maxPackedFile} from '../../../../protocol/messages.ts';
import type {Connection} from '../../../client/connection/connection.ts';
import type {Pace} from '../../blocks/pace.ts';
import type {FlushGroup} from './flush-group.ts';
import {receiveFiles} from './receive-files.ts';
import type {SmallFile, SmallFileTools, Turn} from './small-file.ts';

/** Files in one request, below what a server takes. */
const mostFiles = 256;

/** Characters of their paths: each is six bytes of JSON at most, and a request has 262,144. */
const mostCharacters = 32_768;

/** Bytes of files in one request: some frames of the answer. */
const mostBytes = 262_144;

/**
 * No more than comes in this time is asked for together: of a file that comes with others nothing is seen before
 * all of it is here. A larger file goes by itself.
 */
const portionMs = 200;

export class FilesRequest {
  readonly #connection: Connection;
  readonly #pace: Pace;
  readonly #tools: SmallFileTools & {group: FlushGroup};
  readonly #turn: Turn;
  readonly #isOffered: boolean;
  #files: SmallFile[] = [];
  #bytes = 0;
  #characters = 0;

  constructor(
    connection: Connection,
    pace: Pace,
    tools: SmallFileTools & {group: FlushGroup},
    turn: Turn,
  ) {
    this.#connection = connection;
    this.#pace = pace;
    this.#tools = tools;
    this.#turn = turn;
    this.#isOffered = connection.offers('files');
  }

  /** Bytes of files that are asked for together now. */
  get portion(): number {
    return Math.min(mostBytes, this.#pace.bytesIn(portionMs) ?? mostBytes);
  }

  /** Whether `file` may be asked for with others. */
  takes({size}: SmallFile): boolean {
    return this.#isOffered && size <= Math.min(maxPackedFile, this.portion);
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /** Ask for `file` when there are enough of them, or with `send`. */
  add(file: SmallFile): void {
    this.#files.push(file);
    this.#bytes += file.size;
    this.#characters += file.remotePath.length;
    if (
      this.#files.length >= mostFiles ||
      this.#bytes >= this.portion ||
      this.#characters >= mostCharacters
    ) {
      this.send();
    }
  }

  /** Ask for the files that were added. */
  send(): void {
    const files = this.#files;
    if (files.length === 0) {
      return;
    }

    this.#files = [];
    this.#bytes = 0;
    this.#characters = 0;
    const {algorithm, group} = this.#tools;
    this.#connection.request(
      'files',
      {algorithm, files: files.map(({remotePath, size}) => [remotePath, size])},
      receiveFiles(files, this.#tools, group, this.#turn),
    );
  }
}
