/** The files that a mask matches. The server sends their number first, so it has to find all of them first. */
import {displayName, shortName} from '../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../protocol/errors.ts';
import {headerSize} from '../../protocol/frame.ts';
import {answerSchemas, decodePayload, type Unsearched} from '../../protocol/messages.ts';
import {rootPath} from '../../protocol/remote-path.ts';
import type {Exchange} from '../operations/exchange.ts';
import {logUnsearched} from '../operations/find.ts';
import type {EntryFrame} from '../store/entry-frames.ts';

/** Limit of memory for the entries of one mask, in bytes: about 100,000 files. */
const maxKeptBytes = 8_388_608;

const nothing: Unsearched = {count: 0, first: []};

/**
 * All files that `mask` matches; none for an invalid mask, or one that leads out of the served folder.
 *
 * @throws JangadaError `too_large` for too many; any other as `Store.find` does.
 */
export async function findFiles(mask: string, exchange: Exchange): Promise<FoundFiles> {
  if (mask === '') {
    return new FoundFiles([]);
  }

  try {
    // The classic dialogue has no masks that exclude: here a `!` is part of a name.
    return new FoundFiles(await search(mask.startsWith('!') ? `\\${mask}` : mask, exchange));
  } catch (error) {
    if (!isJangadaError(error, 'bad_mask')) {
      throw error;
    }

    exchange.log.write('info', {code: error.code}, displayName(error.message));
    return new FoundFiles([]);
  }
}

async function search(mask: string, exchange: Exchange): Promise<EntryFrame[]> {
  const {log, peer, signal, store} = exchange;
  const found: EntryFrame[] = [];
  let bytes = 0;
  const search = {path: rootPath, masks: [mask], folders: false};
  const frames = store.find(search, {peer, signal});
  try {
    for (;;) {
      const next = await frames.next();
      if (next.done) {
        logUnsearched(next.value, rootPath, log);
        return found;
      }

      found.push(next.value);
      bytes += next.value.frame.length;
      if (bytes > maxKeptBytes) {
        throw new JangadaError('too_large', `'${shortName(mask)}' matches too many files`);
      }
    }
  } finally {
    // A running search ends with `signal`; do not wait for it here.
    frames.return(nothing).catch(() => {});
  }
}

/** Entries in the form in which the store found them; they need less memory than their names. */
export class FoundFiles {
  readonly #frames: readonly EntryFrame[];

  constructor(frames: readonly EntryFrame[]) {
    this.#frames = frames;
  }

  get count(): number {
    return this.#frames.reduce((count, {files}) => count + files, 0);
  }

  /** The paths of the files. */
  *names(): Generator<string, void, void> {
    for (const {frame} of this.#frames) {
      const payload = frame.subarray(headerSize);
      const {entries} = decodePayload(answerSchemas.entries, payload, 'protocol');
      for (const {name} of entries) {
        yield name;
      }
    }
  }
}
