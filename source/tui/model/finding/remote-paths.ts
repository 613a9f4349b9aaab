/** Looks up typed paths on the server, and completes them. */
import type {Server} from '../../../../protocol/address.ts';
import {displayName} from '../../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import {type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {Client, StatEntry} from '../../../client/client.ts';
import {type FoundBatch, searchTyped} from '../../../transfers/download/search.ts';
import {compareNames} from '../files/table/natural-order.ts';
import type {Completion} from '../typing/completion.ts';
import {typedPath} from '../typing/typed-path.ts';

/** Longest time of reading a folder for its names, and most names that are offered. */
const mostMs = 5000;
const mostNames = 10_000;

/** Names with control characters are not offered: they would change when they are put into a line. */
const untypable = /\p{Cc}/u;

export class RemotePaths {
  readonly server: Server;
  readonly #client: Pick<Client, 'stat' | 'list' | 'find'>;

  constructor(client: Pick<Client, 'address' | 'stat' | 'list' | 'find'>) {
    this.server = client.address;
    this.#client = client;
  }

  /** @throws JangadaError `not_found` with a message for the screen; others as `Client.stat` does. */
  async typeAt(path: RemotePath, signal: AbortSignal): Promise<StatEntry['type']> {
    return path === rootPath ? 'folder' : (await this.entryAt(path, signal)).type;
  }

  /** The entry at a path below the root. @throws as `typeAt`. */
  async entryAt(path: RemotePath, signal: AbortSignal): Promise<StatEntry> {
    try {
      return await this.#client.stat(path, {signal});
    } catch (error) {
      throw isJangadaError(error, 'not_found', 'not_a_folder')
        ? new JangadaError('not_found', `There is no ${displayName(`/${path}`)} on the server.`)
        : error;
    }
  }

  /** The files below a folder that masks match. @throws JangadaError as `searchTyped` does. */
  find(path: RemotePath, masks: readonly string[], signal: AbortSignal): AsyncIterable<FoundBatch> {
    return searchTyped(this.#client, {masks, path, signal});
  }

  /** Completions for the path `text`: names in its last folder that begin with its last part. */
  async complete(text: string, folder: RemotePath, signal: AbortSignal): Promise<Completion> {
    const from = text.lastIndexOf('/') + 1;
    const start = text.slice(from);
    const place = typedPath(text.slice(0, from), {folder, server: this.server});
    return {from, choices: await this.#namesIn(place, start, signal)};
  }

  async #namesIn(path: RemotePath, start: string, signal: AbortSignal): Promise<string[]> {
    const names: string[] = [];
    const inAnyCase: string[] = [];
    const begin = start.toLowerCase();
    const until = performance.now() + mostMs;
    for await (const entries of this.#client.list(path, {signal})) {
      for (const {name, type} of entries) {
        const shown = type === 'folder' ? `${name}/` : name;
        const isHidden = name.startsWith('.') && !start.startsWith('.');
        if (isHidden || untypable.test(name) || !name.isWellFormed()) {
          continue;
        }

        if (name.startsWith(start)) {
          names.push(shown);
        } else if (name.toLowerCase().startsWith(begin)) {
          inAnyCase.push(shown);
        }
      }

      if (names.length >= mostNames || performance.now() > until) {
        break;
      }
    }

    // Names in another case are offered only if no name begins with the text as typed.
    return (names.length > 0 ? names : inAnyCase.slice(0, mostNames)).sort(compareNames);
  }
}
