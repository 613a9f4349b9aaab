/** The files that arguments name: files by name, and masks as in `mget`. */
import {displayName} from '../../../protocol/display-text.ts';
import type {ErrorCode, JangadaError} from '../../../protocol/errors.ts';
import {pathToWire, type RemotePath} from '../../../protocol/remote-path.ts';
import {LocalPlaces} from '../../transfers/download/local-places.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import {checkMasks, filePath} from '../arguments/remote-argument.ts';
import type {Job} from '../job.ts';
import type {CommandOutput} from '../results/output.ts';
import {Failures} from '../transfer/failures.ts';
import {foundFiles} from '../transfer/found-files.ts';
import {Backlog} from '../transfer/intake/backlog.ts';
import {isAboutOneFile, namedFile} from '../transfer/named-file.ts';

type Inputs = {files: readonly RemotePath[]; masks: readonly string[]};

/**
 * Split `inputs` into files, below `base`, and masks.
 *
 * @throws JangadaError `usage` for an input that can be neither, and for excludes without a mask.
 */
export function splitInputs(inputs: readonly string[], base: RemotePath): Inputs {
  const masks = inputs.filter(isMask);
  const files = inputs.filter(input => !isMask(input)).map(input => filePath(base, input));
  checkMasks(masks);
  return {files, masks};
}

function isMask(input: string): boolean {
  // `\!` begins a name with an exclamation mark, as in a mask.
  return /^\\?!/.test(input) || /[*?[\]{}]/.test(input);
}

/** Failed files that the last event of `--json` names. */
const mostInEvent = 1000;

/** Files that are not queued: each is counted and named. */
export class RefusedFiles {
  readonly codes = new Set<ErrorCode>();
  readonly #output: CommandOutput;
  readonly #failures: Failures;
  readonly #first: object[] = [];
  #count = 0;

  constructor(output: CommandOutput) {
    this.#output = output;
    this.#failures = new Failures(line => output.error(line));
  }

  get count(): number {
    return this.#count;
  }

  refuse(name: string, code: ErrorCode, why: string): void {
    this.#failures.add(name, code, why);
    this.#add(name, code, why);
  }

  /** Refuse the file at `path` for an error that names it. */
  refuseFor({code, message}: JangadaError, path: RemotePath): void {
    this.#output.error(displayName(message));
    this.#add(path, code, message);
  }

  refuseUnnamed(count: number, code: ErrorCode): void {
    this.#count += count;
    this.codes.add(code);
  }

  /** Tell people how many there are that were not named. @returns fields for the last event of `--json`. */
  end(): object {
    this.#failures.end();
    return {failed: this.#count, failures: this.#first};
  }

  #add(name: string, code: ErrorCode, message: string): void {
    this.refuseUnnamed(1, code);
    if (this.#first.length < mostInEvent) {
      this.#first.push({path: pathToWire(name), code, message});
    }
  }
}

/**
 * The files that `inputs` name. Files that cannot be fetched are named by `refused`, and the others go on.
 *
 * @throws JangadaError `bad_mask`, `connection_lost` and others that concern all files.
 */
export async function wantedFiles(
  {files, masks}: Inputs,
  job: Job,
  refused: RefusedFiles,
): Promise<Backlog> {
  const {output, options} = job;
  const places = new LocalPlaces(options.to);
  const named: WantedFile[] = [];
  const wanted = new Backlog();
  for (const path of new Set(files)) {
    try {
      const file = await namedFile(path, job, {command: 'queue add', does: 'queue'});
      const taken = places.take(file.localPath);
      if (taken === undefined) {
        named.push({...file, folder: options.to});
      } else {
        refused.refuse(path, taken.code, taken.reason);
      }
    } catch (error) {
      if (!isAboutOneFile(error)) {
        throw error;
      }

      refused.refuseFor(error, path);
    }
  }

  wanted.add({files: named, folders: []});
  if (masks.length > 0) {
    const known = new Map(named.map(({localPath, remotePath}) => [localPath, remotePath]));
    const refusedBefore = refused.count;
    let found = 0;
    for await (const {files} of foundFiles({...job, inputs: masks}, places, refused, known)) {
      found += files.length;
      const others = files.filter(file => known.get(file.localPath) !== file.remotePath);
      wanted.add({files: others, folders: []});
    }

    if (found === 0 && refused.count === refusedBefore) {
      const shown = masks.map(mask => `'${displayName(mask)}'`).join(' ');
      output.error(
        `Nothing matches ${shown}. A mask matches files: write 'FOLDER/**' for all in a folder`,
      );
      refused.codes.add('not_found');
    }
  }

  return wanted;
}
