/**
 * A thread that searches for files, and on request folders. fast-glob walks and matches. It reads every folder through the
 * root, so no link, and no folder that is swapped for one, leads it out. The thread may block while it waits for the
 * client; if a mask keeps it busy for ever, the server ends it.
 */
import {parentPort} from 'node:worker_threads';
import fastGlob from 'fast-glob';
import {wireCodeOf} from '../../../../protocol/errors.ts';
import {MaskJudge} from '../../../../protocol/masks/mask-judge.ts';
import {showLineEnds} from '../../../../protocol/masks/mask-line-ends.ts';
import {prepareMasks} from '../../../../protocol/masks/masks.ts';
import type {Entry, Unsearched} from '../../../../protocol/messages.ts';
import {type EntryFrame, EntryFrames} from '../../entry-frames.ts';
import {shareRoot} from '../root/open-root.ts';
import {patientRoot} from '../root/patient-root.ts';
import {type FindReport, type FindTask, stateAt} from './find-messages.ts';
import {FoundEntries} from './found-entries.ts';
import {topFolder} from './glob-path.ts';
import {LinkLoops} from './link-loops.ts';
import {SafeWalk} from './safe-walk.ts';
import {UnsearchedPlaces} from './unsearched-places.ts';

/** How long to wait before sending a frame that is not full. */
const flushMs = 50;

parentPort?.on('message', (task: FindTask) => {
  find(task).then(
    unsearched => report({kind: 'ended', unsearched}),
    (error: unknown) => {
      const message = error instanceof Error ? error.message : 'unknown';
      report({kind: 'failed', code: wireCodeOf(error), message});
    },
  );
});

/** Search. @returns the places that could not be searched. */
async function find({
  root: handle,
  path,
  masks,
  folders,
  state: memory,
}: FindTask): Promise<Unsearched> {
  const state = new Int32Array(memory);
  Atomics.store(state, stateAt.reading, 0);
  const prepared = prepareMasks(masks);
  const {include, exclude} = prepared;
  const judge = new MaskJudge(prepared);
  const root = patientRoot(shareRoot(handle));
  const loops = new LinkLoops(root, path);
  const unsearched = new UnsearchedPlaces();
  using walk = new SafeWalk({root, base: path, loops, state, judge, unsearched});
  using entries = new FoundEntries(root, path, folders ? loops : undefined, unsearched);
  const sender = new Sender(state);
  const ignore = exclude.filter(mask => !hasBackslash(mask)).map(atTop);
  const options = {...matching, fs: walk.adapter, ignore, onlyFiles: !folders};
  const masksAtTop = include.map(withoutBackslashes).map(atTop);
  const plain = masksAtTop.filter(mask => !fastGlob.isDynamicPattern(mask, options));
  const globs = masksAtTop.filter(mask => !plain.includes(mask));
  // First look up the names without a wildcard; the walk leaves them out later.
  const named = new Set<string>();
  const take = async (masks: string[], isNamed: boolean) => {
    for await (const found of fastGlob.stream(masks, options)) {
      // In object mode these are entries, although the stream's type says otherwise.
      const {path} = found as unknown as {path: string};
      const name = showLineEnds(path.slice(topFolder.length + 1));
      // `**` also matches the searched folder itself.
      const isNew = name !== '' && !named.has(name) && !walk.isOnTheWay(name);
      const entry = isNew ? walk.reading(() => entries.entry(name)) : undefined;
      if (
        entry !== undefined &&
        !named.has(entry.name) &&
        // fast-glob decides by the first mask that matches; clients accept only what the judge accepts.
        judge.matches(entry.name, entry.type === 'folder' ? 'folder' : 'file')
      ) {
        sender.add(entry);
        if (isNamed) {
          named.add(entry.name);
        }
      }

      if (sender.stopped) {
        return;
      }
    }
  };
  if (plain.length > 0) {
    await take(plain, true);
  }

  if (globs.length > 0) {
    do {
      await take([...globs, inOneWalk], false);
    } while (!sender.stopped && walk.again());
  }

  sender.flush();
  if (unsearched.baseError !== undefined) {
    throw unsearched.baseError;
  }

  return unsearched.found;
}

/**
 * fast-glob loses some literal backslashes. So it gets masks that match at least as much, and excludes that exclude at
 * most as much; the judge decides.
 */
function withoutBackslashes(mask: string): string {
  return mask.replace(/\[[!^]?\]?(?:\\.|[^\]\\])*\]|\\(.)/gs, (token, escaped) =>
    escaped === '\\' ? '?' : token,
  );
}

function hasBackslash(mask: string): boolean {
  return mask.includes('\\\\');
}

function atTop(mask: string): string {
  return `${topFolder}/${mask}`;
}

/**
 * Matches nothing. But because this glob begins above the folder, fast-glob matches all globs in one walk from there, and
 * meets each file and folder once.
 */
const inOneWalk = '[^\\s\\S]*';

const matching = {
  // The root of the file system that `SafeWalk` shows.
  cwd: '/',
  objectMode: true,
  dot: true,
  // Braces are already expanded; Jangada's masks have no other such syntax.
  braceExpansion: false,
  unique: false,
  extglob: false,
  followSymbolicLinks: true,
  // `SafeWalk` records unreadable places.
  suppressErrors: true,
  concurrency: 1,
} as const;

/** Sends frames while it has credit; without credit it blocks this thread. */
class Sender {
  readonly #state: Int32Array;
  readonly #frames = new EntryFrames();
  #sentAt = performance.now();

  constructor(state: Int32Array) {
    this.#state = state;
  }

  get stopped(): boolean {
    return Atomics.load(this.#state, stateAt.stop) > 0;
  }

  add(entry: Entry): void {
    const full = this.#frames.add(entry);
    if (full !== undefined) {
      this.#send(full);
    } else if (performance.now() - this.#sentAt > flushMs) {
      this.flush();
    }
  }

  flush(): void {
    const rest = this.#frames.rest();
    if (rest !== undefined) {
      this.#send(rest);
    }
  }

  #send(found: EntryFrame): void {
    while (Atomics.load(this.#state, stateAt.credit) === 0 && !this.stopped) {
      Atomics.store(this.#state, stateAt.waiting, 1);
      report({kind: 'waits'});
      Atomics.wait(this.#state, stateAt.credit, 0);
    }

    Atomics.store(this.#state, stateAt.waiting, 0);
    Atomics.sub(this.#state, stateAt.credit, 1);
    report({kind: 'found', found});
    this.#sentAt = performance.now();
  }
}

function report(message: FindReport): void {
  parentPort?.postMessage(message);
}
