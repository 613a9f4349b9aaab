/** `verify --checksums FILE [NAME...]`: local files against a list, without a server. */
import path from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {type ErrorCode, isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {pathToWire} from '../../../protocol/remote-path.ts';
import {hashLocalFile} from '../../transfers/download/verify.ts';
import type {Job} from '../job.ts';
import {Activity} from '../progress/activity.ts';
import {commonOutcome, type Outcome} from '../results/outcome.ts';
import {type ChecksumLine, checksumKey} from './checksum-line.ts';
import {inOrder} from './in-order.ts';
import {readList} from './read-checksums.ts';

/** The digest of the file, and the digest in the list. */
type Found = ChecksumLine & {file: string; actual: string; size: number};

/** At most so many bad lines are named one by one. */
const mostNamed = 20;

/** @throws JangadaError `usage` with `--repair`; `local_io` if FILE is not a list of checksums. */
export async function verifyList(list: string, job: Job): Promise<Outcome> {
  const {inputs, options, output, signal} = job;
  if (options.repair) {
    throw new JangadaError(
      'usage',
      '--repair fetches from the server, and --checksums compares without one: leave one of them out',
    );
  }

  const telling = new Telling(job);
  const {lines, bad} = await readList(list);
  await telling.badLines(list, bad);
  const wanted = await telling.chosen(lines, inputs, list);
  using activity = new Activity(output);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const hash = ({line, index}: {line: ChecksumLine; index: number}) =>
    hashOne(line, options.to, either, (bytes, total) => {
      // Several files are hashed at the same time: the progress line shows the next one in the list.
      if (index === telling.told) {
        activity.show('comparing', line.name, bytes, total);
      }
    });
  const numbered = wanted.map((line, index) => ({line, index}));
  for await (const result of inOrder(numbered, hash)) {
    await telling.tell(result);
    if (output.closed.aborted) {
      stop.abort();
      break;
    }
  }

  return telling.end();
}

type Failed = {name: string; error: JangadaError};

/** @throws JangadaError `aborted`. */
async function hashOne(
  line: ChecksumLine,
  folder: string,
  signal: AbortSignal,
  onProgress: (bytes: number, totalBytes: number) => void,
): Promise<Found | Failed> {
  // The path is not normalised: only the system knows where `..` behind a link leads.
  const file = path.isAbsolute(line.name) ? line.name : `${folder}${path.sep}${line.name}`;
  try {
    const options = {algorithm: 'sha256' as const, signal, onProgress};
    const {digest, length} = await hashLocalFile(file, options);
    return {...line, file, actual: digest, size: length};
  } catch (error) {
    if (!isJangadaError(error) || error.code === 'aborted') {
      throw error;
    }

    return {name: line.name, error};
  }
}

/** Prints the result of each line, and a summary. */
class Telling {
  /** Lines whose results were printed. */
  told = 0;
  readonly #output: Job['output'];
  readonly #json: Job['json'];
  /** Codes of all lines that failed or differ. */
  readonly #codes = new Set<ErrorCode>();

  constructor({output, json}: Job) {
    this.#output = output;
    this.#json = json;
  }

  async badLines(list: string, numbers: readonly number[]): Promise<void> {
    for (const line of numbers.slice(0, mostNamed)) {
      await this.#fail(
        {line},
        'local_io',
        `${list}: line ${line} is not a line of SHA-256 checksums`,
      );
    }

    const rest = numbers.length - mostNamed;
    if (rest > 0) {
      this.#output.error(
        `${displayName(list)}: ${rest} more lines are not lines of SHA-256 checksums`,
      );
    }
  }

  /** The lines for `names`; all lines if `names` is empty. A name that is not in the list fails. */
  async chosen(
    lines: readonly ChecksumLine[],
    names: readonly string[],
    list: string,
  ): Promise<readonly ChecksumLine[]> {
    if (names.length === 0) {
      return lines;
    }

    const keys = new Set(names.map(checksumKey));
    const chosen = lines.filter(({name}) => keys.has(checksumKey(name)));
    const found = new Set(chosen.map(({name}) => checksumKey(name)));
    for (const name of names.filter(name => !found.has(checksumKey(name)))) {
      await this.#fail({name}, 'not_found', `${name}: it is not in ${list}`);
    }

    return chosen;
  }

  async tell(result: Found | Failed): Promise<void> {
    this.told++;
    if ('error' in result) {
      const {name, error} = result;
      await this.#fail({name: pathToWire(name)}, error.code, error.message);
      return;
    }

    const {name, file, sha256, actual, size} = result;
    const equal = actual === sha256;
    const verdict = equal
      ? 'verified, SHA-256'
      : `differs, SHA-256 here ${actual}, in the list ${sha256}`;
    const text = `${displayName(name)}: ${verdict}`;
    if (!equal) {
      this.#codes.add('differs');
      this.#json?.differs(text);
    }

    if (this.#json !== undefined) {
      const local = pathToWire(file);
      const expected = sha256;
      await this.#json.add([
        {name: pathToWire(name), local, equal, size, sha256: actual, expected},
      ]);
    } else if (!this.#output.quiet) {
      await this.#output.result(`${text}\n`);
    }
  }

  async end(): Promise<Outcome> {
    await this.#json?.close();
    return commonOutcome(this.#codes);
  }

  async #fail(about: object, code: ErrorCode, message: string): Promise<void> {
    this.#codes.add(code);
    this.#output.error(displayName(message));
    await this.#json?.add([{...about, error: {code, message}}]);
  }
}
