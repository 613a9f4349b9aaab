/**
 * Finds objects whose paths match masks, and their folders. A bucket has keys and no folders: list the keys that begin
 * with the literal beginning of a mask, and keep those that match.
 *
 *     masks ─► prefixes ─► pages of keys ─► entries of files and folders ─► thread that matches ─► frames
 */
import {isJangadaError, throwIfAborted} from '../../../../protocol/errors.ts';
import {prepareMasks} from '../../../../protocol/masks/masks.ts';
import type {Entry} from '../../../../protocol/messages.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Turns} from '../../../waiting/long-work.ts';
import {type EntryFrame, EntryFrames} from '../../entry-frames.ts';
import type {LongWorkClient, Search, VersionedEntry} from '../../store.ts';
import {keyPages} from '../key-pages.ts';
import {below, isShown, isStartOfKey} from '../keys.ts';
import type {S3Client} from '../s3/s3-client.ts';
import {FoundEntries} from './found-entries.ts';
import type {Matcher} from './matcher.ts';
import {planScans} from './scan-plan.ts';

export type FindMeans = {
  s3: S3Client;
  matcher: Matcher;
  /** Turns for requests to the bucket; a search gives its turn back while its client reads. */
  turns: Turns;
  /** The prefix of the keys of the searched folder. */
  base: string;
  stat(path: RemotePath): Promise<VersionedEntry>;
};

/** How many names without a wildcard to request at once. */
const namesAtOnce = 16;

/** @throws JangadaError as `Store.find`. */
export async function* findObjects(
  search: Search,
  client: LongWorkClient,
  means: FindMeans,
): AsyncGenerator<EntryFrame, void, void> {
  throwIfAborted(client.signal);
  const frames = new EntryFrames();
  for await (const entries of matching(search, client, means)) {
    for (const entry of entries) {
      const full = frames.add(entry);
      if (full !== undefined) {
        yield full;
      }
    }

    const rest = frames.rest();
    if (rest !== undefined) {
      yield rest;
    }
  }
}

/** The matching entries, in portions. */
async function* matching(
  search: Search,
  client: LongWorkClient,
  means: FindMeans,
): AsyncGenerator<Entry[], void, void> {
  const {folders, masks, path} = search;
  const candidates = candidatesOf(search, client, means);
  const named = new Set<string>();
  try {
    for (;;) {
      const leave = await means.turns.enter(client.peer, client.signal);
      let found: Entry[];
      try {
        const next = await candidates.next();
        if (next.done) {
          return;
        }

        const {entries, isNamed} = next.value;
        const shown = entries.filter(
          ({name, type}) =>
            (folders || type === 'file') && !named.has(name) && isShown(below(path, name)),
        );
        found = await matchesOf(masks, shown, client, means.matcher);
        if (isNamed) {
          for (const {name} of found) {
            named.add(name);
          }
        }
      } finally {
        leave();
      }

      yield found;
    }
  } finally {
    await candidates.return();
  }
}

type Candidates = {entries: Entry[]; isNamed: boolean};

async function* candidatesOf(
  {masks, path}: Search,
  {signal}: LongWorkClient,
  {base, s3, stat}: FindMeans,
): AsyncGenerator<Candidates, void, void> {
  const {names, scans} = planScans(prepareMasks(masks).include);
  // First look up the names without a wildcard; scans leave them out later.
  for (let at = 0; at < names.length; at += namesAtOnce) {
    throwIfAborted(signal);
    const some = names.slice(at, at + namesAtOnce);
    const entries = await Promise.all(some.map(name => entryNamed(path, name, stat)));
    yield {entries: entries.flatMap(entry => entry ?? []), isNamed: true};
  }

  const found = new FoundEntries(base);
  for (const {prefix, isDeep} of scans) {
    if (!isStartOfKey(base + prefix)) {
      continue;
    }

    const question = {prefix: base + prefix, folders: !isDeep, signal};
    for await (const page of keyPages(s3, question)) {
      yield {entries: page.flatMap(key => found.add(key)), isNamed: false};
    }

    yield {entries: found.rest(), isNamed: false};
  }
}

async function entryNamed(
  path: RemotePath,
  name: string,
  stat: FindMeans['stat'],
): Promise<Entry | undefined> {
  const whole = below(path, name);
  if (!isShown(whole)) {
    return undefined;
  }

  try {
    const {type, size, mtimeMs} = await stat(whole);
    return {name, type, size, mtimeMs};
  } catch (error) {
    if (isJangadaError(error, 'not_found')) {
      return undefined;
    }

    throw error;
  }
}

async function matchesOf(
  masks: readonly string[],
  entries: readonly Entry[],
  client: LongWorkClient,
  matcher: Matcher,
): Promise<Entry[]> {
  if (entries.length === 0) {
    return [];
  }

  const names = entries.map(({name}) => name);
  const folders = entries.map(({type}) => type === 'folder');
  const matches = await matcher.match({masks, names, folders}, client);
  return entries.filter((_, index) => matches[index] === 1);
}
