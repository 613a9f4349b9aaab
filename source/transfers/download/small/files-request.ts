/** Collects small files into requests for many files, if the server supports that. */
import {maxPackedFile} from '../../../../protocol/messages.ts';
import type {Connection} from '../../../client/connection/connection.ts';
import type {Pace} from '../../blocks/pace.ts';
import type {FlushGroup} from './flush-group.ts';
import {receiveFiles} from './receive-files.ts';
import type {SmallFile, SmallFileTools, Turn} from './small-file.ts';

/** Most files in one request, below the server's limit. */
const mostFiles = 256;

/** Most characters of their paths. JSON needs at most six bytes for each, and a request may have 262,144 bytes. */
const mostCharacters = 32_768;

/** Most bytes of files in one request: some frames of the answer. */
const mostBytes = 262_144;

/**
 * One request asks only for as much as arrives in this time (milliseconds), because files in a common frame become
 * visible only when the whole frame has arrived. A larger file is requested alone.
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
    this.#isOffered = connection.can('files') === true;
  }

  /** Most bytes of files for one request now. */
  get portion(): number {
    return Math.min(mostBytes, this.#pace.bytesIn(portionMs) ?? mostBytes);
  }

  /** Whether `file` may be requested together with others. */
  takes({size}: SmallFile): boolean {
    return this.#isOffered && size <= Math.min(maxPackedFile, this.portion);
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /** Add `file`. The request is sent when it is large enough, or by `send`. */
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

  /** Send the request for the added files. */
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
