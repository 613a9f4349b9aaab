/** An S3 bucket, or the objects with a common prefix in it, as a store. */
import type {Buffer} from 'node:buffer';
import {isJangadaError, type JangadaError, throwIfAborted} from '../../../protocol/errors.ts';
import type {Entry, Unsearched} from '../../../protocol/messages.ts';
import {
  baseName,
  parseRemotePath,
  type RemotePath,
  rootPath,
} from '../../../protocol/remote-path.ts';
import type {DigestShelf} from '../../indexes/digest-shelf.ts';
import {type LongWork, ownLongWork} from '../../waiting/long-work.ts';
import type {EntryFrame} from '../entry-frames.ts';
import type {
  FileToLoad,
  LoadedFiles,
  LongWorkClient,
  Search,
  Store,
  StoredFile,
  VersionedEntry,
} from '../store.ts';
import {notAFile, notAFolder, notFound} from '../store-errors.ts';
import {bucketError} from './bucket-errors.ts';
import {BucketFile, type BucketMeans, versionOf} from './bucket-file.ts';
import {BucketShelf} from './bucket-shelf.ts';
import {findObjects} from './find/find-objects.ts';
import {Matcher} from './find/matcher.ts';
import {entryOf, folderNamed} from './key-entries.ts';
import {keyPages} from './key-pages.ts';
import {below, isShown, isStartOfKey, keyOf, prefixOf, refuseHidden} from './keys.ts';
import {loadObjects} from './load-objects.ts';
import {PiecePool} from './read-ahead.ts';
import {type BucketPlace, bucketScheme} from './s3/bucket-place.ts';
import type {KeyPage, Listed} from './s3/listing.ts';
import type {Patience} from './s3/retry.ts';
import {type ObjectFacts, S3Client} from './s3/s3-client.ts';
import {SettledKeys} from './settled-keys.ts';

/** A folder has no states, so all folders have one version. */
const folderVersion = 'folder';

type BucketStoreOptions = {
  /** How long matching masks may take without progress, in milliseconds. */
  maskMs: number;
  /** The turns that all stores of the server share. Default: turns of this store only. */
  longWork?: LongWork;
  /** Whether to keep digests in the bucket. Default: true. */
  keepsDigests?: boolean;
  /** Default: patience for a distant service. */
  patience?: Patience;
};

type Means = BucketMeans & {
  readonly matcher: Matcher;
  /** Whether another store owns and closes the connections. */
  readonly isShared: boolean;
  readonly keepsDigests: boolean;
};

export class BucketStore implements Store {
  readonly name: string;
  /** Only the store of the whole root has one. */
  readonly shelf?: DigestShelf;
  readonly #prefix: string;
  /** The path of this store in the whole root. */
  readonly #below: RemotePath;
  readonly #means: Means;

  private constructor(name: string, prefix: string, below: RemotePath, means: Means) {
    this.name = name;
    this.#prefix = prefix;
    this.#below = below;
    this.#means = means;
    if (means.keepsDigests && !means.isShared) {
      this.shelf = new BucketShelf(means.s3, prefix);
    }
  }

  static at(place: BucketPlace, options: BucketStoreOptions): BucketStore {
    const {keepsDigests = true, longWork = ownLongWork(), maskMs, patience} = options;
    const {bucket, prefix} = place;
    return new BucketStore(`${bucketScheme}${bucket}/${prefix}`, prefix, rootPath, {
      s3: new S3Client(place, patience),
      pool: new PiecePool(),
      longWork,
      matcher: new Matcher(maskMs),
      ...{isShared: false, keepsDigests},
    });
  }

  /** @throws JangadaError that names the error in the bucket's name, the keys or the service. */
  async reach(): Promise<void> {
    await this.#means.s3.keys({prefix: this.#prefix, folders: true, most: 1});
  }

  /** The store of the folder at `path`, over the same connections. The caller need not close it. */
  below(path: RemotePath): BucketStore {
    refuseHidden(path);
    const inRoot = parseRemotePath(below(this.#below, path));
    return new BucketStore(`${this.name}${path}/`, prefixOf(this.#prefix, path), inRoot, {
      ...this.#means,
      isShared: true,
    });
  }

  async stat(path: RemotePath, signal?: AbortSignal): Promise<VersionedEntry> {
    refuseHidden(path);
    if (path === rootPath) {
      return {...folderNamed(''), version: folderVersion};
    }

    // Ask for both at once: a name that is an object and a folder is shown as a folder.
    const asking = this.#head(path, signal);
    asking.catch(() => {});
    if (await this.#isFolder(path, signal)) {
      return {...folderNamed(baseName(path)), version: folderVersion};
    }

    const facts = await asking;
    const {size, mtimeMs} = facts;
    return {name: baseName(path), type: 'file', size, mtimeMs, version: versionOf(facts)};
  }

  async open(path: RemotePath, signal?: AbortSignal): Promise<StoredFile> {
    refuseHidden(path);
    const facts = await this.#orNotAFile(path, () => this.#head(path, signal), signal);
    const place = {path, below: this.#below, key: keyOf(this.#prefix, path)};
    return new BucketFile(place, facts, this.#means);
  }

  load(files: readonly FileToLoad[], signal?: AbortSignal): Promise<LoadedFiles> {
    return loadObjects(files, (path, into) => this.#whole(path, into, signal));
  }

  async *list(path: RemotePath, signal: AbortSignal): AsyncGenerator<Entry[], void, void> {
    refuseHidden(path);
    throwIfAborted(signal);
    const {s3} = this.#means;
    const prefix = prefixOf(this.#prefix, path);
    if (!isStartOfKey(prefix)) {
      throw await this.#whyNoFolder(path, signal);
    }

    const settled = new SettledKeys();
    const entriesOf = (keys: readonly Listed[]) =>
      keys.flatMap(key => {
        const entry = entryOf(key, prefix.length);
        return entry !== undefined && isShown(below(path, entry.name)) ? [entry] : [];
      });
    let isThere = path === rootPath;
    try {
      for await (const page of keyPages(s3, {prefix, folders: true, signal})) {
        isThere ||= page.length > 0;
        yield entriesOf(page.flatMap(key => settled.add(key)));
      }
    } catch (error) {
      throw bucketError(error, path);
    }

    if (!isThere) {
      throw await this.#whyNoFolder(path, signal);
    }

    yield entriesOf(settled.rest());
  }

  async *find(
    search: Search,
    client: LongWorkClient,
  ): AsyncGenerator<EntryFrame, Unsearched, void> {
    refuseHidden(search.path);
    const {signal} = client;
    if (search.path !== rootPath && !(await this.#isFolder(search.path, signal))) {
      throw await this.#whyNoFolder(search.path, signal);
    }

    const {longWork, matcher, s3} = this.#means;
    try {
      yield* findObjects(search, client, {
        s3,
        matcher,
        turns: longWork.searches,
        base: prefixOf(this.#prefix, search.path),
        stat: path => this.stat(path, signal),
      });
    } catch (error) {
      throw isJangadaError(error, 'bad_mask') ? error : bucketError(error, search.path);
    }

    return {count: 0, first: []};
  }

  async close(): Promise<void> {
    const {isShared, matcher, s3} = this.#means;
    if (!isShared) {
      s3.close();
      await matcher.close();
    }
  }

  async #head(path: RemotePath, signal: AbortSignal | undefined): Promise<ObjectFacts> {
    try {
      return await this.#means.s3.head(keyOf(this.#prefix, path), signal);
    } catch (error) {
      throw bucketError(error, path);
    }
  }

  async #whole(
    path: RemotePath,
    into: Buffer,
    signal: AbortSignal | undefined,
  ): Promise<ObjectFacts> {
    refuseHidden(path);
    const ask = async () => {
      try {
        return await this.#means.s3.whole(keyOf(this.#prefix, path), into, signal);
      } catch (error) {
        throw bucketError(error, path);
      }
    };
    return await this.#orNotAFile(path, ask, signal);
  }

  /** The result of `ask`; if there is no object, the error says whether there is a folder. */
  async #orNotAFile<Result>(
    path: RemotePath,
    ask: () => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    if (path === rootPath) {
      throw notAFile(path, 'folder');
    }

    try {
      return await ask();
    } catch (error) {
      throw isJangadaError(error, 'not_found') && (await this.#isFolder(path, signal))
        ? notAFile(path, 'folder')
        : error;
    }
  }

  async #isFolder(path: RemotePath, signal: AbortSignal | undefined): Promise<boolean> {
    const prefix = prefixOf(this.#prefix, path);
    if (!isStartOfKey(prefix)) {
      return false;
    }

    try {
      let after: string | undefined;
      do {
        const question = {prefix, folders: false, most: 1, after};
        const {items, next}: KeyPage = await this.#means.s3.keys(question, signal);
        if (items.length > 0) {
          return true;
        }

        // An empty page need not be the last one, for example while keys are being removed.
        after = next;
      } while (after !== undefined);

      return false;
    } catch (error) {
      throw bucketError(error, path);
    }
  }

  async #whyNoFolder(path: RemotePath, signal: AbortSignal): Promise<JangadaError> {
    try {
      await this.#head(path, signal);
      return notAFolder(path);
    } catch (error) {
      return isJangadaError(error) ? error : notFound(path, error);
    }
  }
}
