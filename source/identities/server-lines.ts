/** A file that people may edit: a line `HOST:PORT VALUE` for each server, empty lines, and comments after `#`. */
import {readFileSync} from 'node:fs';
import {type Server, serverName} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import {
  type FolderVariable,
  readPrivateFile,
  writePrivateFile,
} from '../../protocol/program/private-file.ts';
import {underLock} from '../../protocol/program/under-lock.ts';

/** How long a change waits for another process that writes; the keys of a full screen wait meanwhile, too. */
const patienceMs = 2000;

type ServerLinesOptions = {
  /** Whether the values are secrets: then a file that other users can read is refused. */
  isSecret: boolean;
  /** The value in the second word of a line; undefined if the word is invalid. */
  parse: (text: string) => string | undefined;
  format: (value: string) => string;
  /** The first lines of a new file. */
  heading: string;
  /** The variable of the environment that names the folder of the file. */
  folder: FolderVariable;
};

export class ServerLines {
  readonly file: string;
  readonly #options: ServerLinesOptions;

  constructor(file: string, options: ServerLinesOptions) {
    this.file = file;
    this.#options = options;
  }

  /** @throws JangadaError `local_io` for a file that cannot be read, or an invalid line. */
  valueFor(server: Server): string | undefined {
    return this.#read()
      .split('\n')
      .map((line, at) => this.#parse(line, at + 1))
      .find(entry => entry?.name === nameIn(server))?.value;
  }

  /** Remember `value` for the server, replacing an earlier value. @throws JangadaError `local_io`. */
  remember(server: Server, value: string): void {
    if (this.valueFor(server) === value) {
      return;
    }

    const line = `${nameIn(server)} ${this.#options.format(value)}\n`;
    this.#change(() => `${this.#without(server) || this.#options.heading}${line}`);
  }

  /** @returns whether there was a line for the server. @throws JangadaError `local_io`. */
  forget(server: Server): boolean {
    const isThere = this.valueFor(server) !== undefined;
    if (isThere) {
      this.#change(() => this.#without(server));
    }

    return isThere;
  }

  #without(server: Server): string {
    const lines = this.#read().split('\n');
    const left = lines.filter((line, at) => this.#parse(line, at + 1)?.name !== nameIn(server));
    return left.join('\n').replace(/([^\n])$/, '$1\n');
  }

  #change(newText: () => string): void {
    underLock(this.file, () => writePrivateFile(this.file, newText(), this.#options.folder), {
      patienceMs,
    });
  }

  #parse(line: string, number: number): {name: string; value: string} | undefined {
    const [name = '', text = '', more] = line.trim().split(/\s+/);
    if (name === '' || name.startsWith('#')) {
      return undefined;
    }

    const value = more === undefined ? this.#options.parse(text) : undefined;
    if (value === undefined) {
      throw new JangadaError(
        'local_io',
        `Line ${number} of '${displayName(this.file)}' cannot be read: correct or delete it`,
      );
    }

    return {name: name.toLowerCase(), value};
  }

  #read(): string {
    if (this.#options.isSecret) {
      return readPrivateFile(this.file) ?? '';
    }

    try {
      return readFileSync(this.file, 'utf8');
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT') {
        return '';
      }

      throw new JangadaError(
        'local_io',
        `'${displayName(this.file)}' cannot be read (${code ?? 'unknown error'})`,
        {cause: error},
      );
    }
  }
}

/** `host:port` in lower case. */
function nameIn(server: Server): string {
  return serverName(server)
    .replace(/^[a-z]+:\/\//, '')
    .toLowerCase();
}
