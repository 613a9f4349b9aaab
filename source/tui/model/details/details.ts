/** The facts about the entry under the cursor, and its preview if the user wants to see it. */
import type {EntryType} from '../../../../protocol/messages.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {FilesView} from '../files/files-view.ts';
import type {CurrentEntry} from '../files/folder-listing.ts';
import type {Here} from '../here/here.ts';
import type {HereState} from '../here/here-state.ts';
import type {Seen} from '../here/seen-files.ts';
import type {VerifierView} from '../verifier/verifier.ts';
import type {VerifyListView} from '../verifier/verify-list.ts';
import type {Preview, PreviewView, Unasked} from './preview.ts';

export type DetailsView = {
  /** The path of the entry; the folder on the screen if the cursor is on its parent row, or on nothing. */
  readonly path: RemotePath;
  readonly type: EntryType;
  /** Bytes and milliseconds since 1970; undefined for the folder on the screen. */
  readonly size: number | undefined;
  readonly mtimeMs: number | undefined;
  /** The version of the file, if the server has told it. */
  readonly version: string | undefined;
  /** Entries of a folder at its last reading. */
  readonly count: number | undefined;
  readonly state: HereState | undefined;
  readonly seen: Seen | undefined;
  readonly preview: PreviewView | undefined;
};

/** Most folders whose numbers of entries are remembered. */
const mostFolders = 1000;

type DetailsOptions = {readonly here: Pick<Here, 'seen' | 'newer'>; readonly preview: Preview};

export class Details {
  readonly #options: DetailsOptions;
  readonly #counts = new Map<RemotePath, number>();

  constructor(options: DetailsOptions) {
    this.#options = options;
  }

  /**
   * @param state of the local copy of `entry`, the entry under the cursor.
   * @param unasked whether a preview shows by itself.
   */
  view(
    entry: CurrentEntry | undefined,
    folder: Pick<FilesView, 'path' | 'found' | 'total' | 'loading' | 'error'>,
    state: HereState | undefined,
    unasked: Unasked = 'never',
  ): DetailsView {
    this.#count(folder);
    const {here, preview} = this.#options;
    if (entry === undefined) {
      return {
        ...{path: folder.path, type: 'folder', size: undefined, mtimeMs: undefined},
        ...{version: undefined, count: this.#counts.get(folder.path)},
        ...{state: undefined, seen: undefined, preview: preview.of(undefined)},
      };
    }

    const {path, type} = entry;
    const isFile = type === 'file';
    const newer = isFile ? here.newer(path) : undefined;
    const {size, mtimeMs} = newer ?? entry;
    const seen = isFile ? here.seen(path) : undefined;
    const known = state?.name === 'same' ? seen?.verdict?.remote : undefined;
    const version = (newer ?? known)?.version;
    return {
      ...{path, type, size: isFile ? size : undefined, mtimeMs, version},
      ...{count: this.#counts.get(path), state, seen},
      preview: preview.of(
        type === 'other'
          ? undefined
          : {path, isFolder: !isFile, size: entry.size, mtimeMs: entry.mtimeMs},
        unasked,
      ),
    };
  }

  #count({path, found, total, loading, error}: Parameters<Details['view']>[1]) {
    if (!loading && error === undefined && found === undefined) {
      this.#counts.delete(path);
      this.#counts.set(path, total);
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined && this.#counts.size > mostFolders) {
        this.#counts.delete(oldest);
      }
    }
  }
}

/** The entry under the cursor of the files, and whether a preview is open in the right pane. */
type RightPane = {readonly current: RemotePath | undefined; readonly isPreviewed: boolean};

/**
 * The same for a list of results: it stays until the cursor leaves the entry on which the list was begun. The list has a
 * cursor of its own, so it also comes back with the focus.
 */
export function showsResults(
  list: VerifyListView | undefined,
  screen: RightPane & {readonly isFocused: boolean},
): boolean {
  const isRunning = list?.state === 'counting' || list?.state === 'running';
  const isMeant = screen.isFocused || list?.begunAt === screen.current;
  return list !== undefined && (isRunning || (isMeant && !screen.isPreviewed));
}

/**
 * Whether the verifier has the right pane instead of the details: while it works, for the file that it has compared, and
 * until the cursor of the files leaves the entry on which the comparison was begun.
 */
export function showsVerifier(
  {path, begunAt, state, hash}: VerifierView,
  screen: RightPane,
): boolean {
  const isBusy = state.name === 'checking' || hash.name === 'hashing';
  const isMeant = path === screen.current || begunAt === screen.current;
  return state.name !== 'nothing' && (isBusy || (isMeant && !screen.isPreviewed));
}
