/** What there is on the server at a path that is typed, and how a name goes on. */
import type {Server} from '../../../../protocol/address.ts';
import {displayName} from '../../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import {type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {Client, StatEntry} from '../../../client/client.ts';
import {type FoundBatch, search} from '../../../transfers/download/search.ts';
import {compareNames} from '../files/table/natural-order.ts';
import type {Completion} from '../typing/completion.ts';
import {typedPath} from '../typing/typed-path.ts';

/** So long a folder is read for the names in it, and so many of them are offered. */
const mostMs = 5000;
const mostNames = 10_000;

/** Names that nobody can type are not offered: they would not be the same once they stand in a line. */
const untypable = /\p{Cc}/u;

export class RemotePaths {
  readonly server: Server;
  readonly #client: Pick<Client, 'stat' | 'list' | 'find'>;

  constructor(client: Pick<Client, 'address' | 'stat' | 'list' | 'find'>) {
    this.server = client.address;
    this.#client = client;
  }

  /** @throws JangadaError `not_found` in plain words, and as `Client.stat` does. */
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

  /** The files below a folder that masks match. @throws JangadaError as `search` does. */
  find(path: RemotePath, masks: readonly string[], signal: AbortSignal): AsyncIterable<FoundBatch> {
    return search(this.#client, {masks, path, signal});
  }

  /** What may stand in the place of the path `text`: names in its last folder that go on so. */
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

    // Another case is taken only where nothing is written as it was typed.
    return (names.length > 0 ? names : inAnyCase.slice(0, mostNames)).sort(compareNames);
  }
}
