/**
 * The beginning of the file under the cursor, as text or bytes, or the names in a folder. Nothing is fetched while the
 * cursor moves fast. If the cursor leaves a file, its answer is dropped and its connection is closed.
 */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {FirstBlock} from '../../../transfers/download/first-block.ts';
import {percentOf} from '../../text/format.ts';
import type {Repainter} from '../repainter.ts';
import type {Move} from '../viewport.ts';
import {decodeText} from './decode-text.ts';
import type {FolderBeginning} from './folder-beginning.ts';

export type PreviewState =
  /** The cursor is on neither a file nor a folder. */
  | {readonly name: 'none'}
  | {readonly name: 'reading'; readonly percent: number}
  | {
      readonly name: 'text';
      readonly encoding: string;
      readonly lines: readonly DisplayText[];
      /** Whether the file continues. */
      readonly isCut: boolean;
    }
  | {readonly name: 'bytes'; readonly bytes: Uint8Array; readonly isCut: boolean}
  | ({readonly name: 'folder'} & FolderBeginning)
  | {readonly name: 'failed'; readonly reason: DisplayText};

export type PreviewView = {
  readonly path: RemotePath | undefined;
  readonly state: PreviewState;
  /** The first line that is shown; for bytes, a line has sixteen of them. */
  readonly offset: number;
  /** Whether the user asked for it. If not, it shows by itself, where nothing else uses the room. */
  readonly isAsked: boolean;
};

/**
 * Whether the preview shows by itself: `never` where there is no room; `known` shows only what was fetched before,
 * because work is under way that would wait for the fetch; else `always`.
 */
export type Unasked = 'never' | 'known' | 'always';

/** A file or a folder, as listed. */
export type PreviewFile = {
  readonly path: RemotePath;
  readonly isFolder?: boolean;
  readonly size: number;
  readonly mtimeMs: number;
};

type Fetch = (
  file: PreviewFile,
  options: {signal: AbortSignal; onProgress(bytes: number, totalBytes: number): void},
) => Promise<FirstBlock | FolderBeginning>;

/** The cursor has to rest so long before anything is fetched. */
const restMs = 150;

/** So many bytes of the received block are shown and kept. */
const mostBytes = 65_536;

/** Most lines, and most characters of a line; the rest is left out, because no user scrolls that far here. */
const mostLines = 2000;
const mostColumns = 2000;

const tabColumns = 8;
const bytesPerLine = 16;
const pageLines = 10;
const linesOf = {row: 1, scroll: 1, half: pageLines / 2, page: pageLines} as const;

/** Largest file that is fetched without being asked for: a larger one takes too long on a slow line. */
const mostUnasked = 262_144;

/** Most files that are kept to be shown again at once. */
const mostKept = 16;

export class Preview {
  readonly #fetch: Fetch;
  readonly #repainter: Repainter;
  /** The newest at the end. */
  readonly #kept = new Map<string, PreviewState>();
  #isOpen = false;
  // Whether the user has hidden the preview that shows by itself, and the mode of the last picture.
  #isHidden = false;
  #unasked: Unasked = 'never';
  #file: PreviewFile | undefined;
  #state: PreviewState = {name: 'none'};
  #offset = 0;
  #timer: NodeJS.Timeout | undefined;
  #reading: AbortController | undefined;

  constructor(fetch: Fetch, repainter: Repainter) {
    this.#fetch = fetch;
    this.#repainter = repainter;
  }

  /** Whether the user asked for it, and has not closed it since. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
    this.#isHidden = false;
    this.#repainter.now();
  }

  /** Close the preview, also if it shows by itself. @returns whether one was shown. */
  hide(): boolean {
    const wasShown = this.#isOpen || this.#file !== undefined;
    // If there was no room for a preview that shows by itself, the user has not hidden that.
    this.#isHidden ||= wasShown && this.#unasked !== 'never';
    this.close();
    this.#repainter.now();
    return wasShown;
  }

  /** @returns whether it was open. */
  close(): boolean {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#leave();
    if (wasOpen) {
      this.#repainter.now();
    }

    return wasOpen;
  }

  /** Fetch everything again: folders of a bucket have no time by which a change could be seen. */
  renew(): void {
    this.#kept.clear();
    this.#leave();
    this.#repainter.now();
  }

  /** The preview of `file`, which is under the cursor; undefined if no preview is shown. */
  of(file: PreviewFile | undefined, unasked: Unasked = 'never'): PreviewView | undefined {
    this.#unasked = unasked;
    if (!this.#isOpen && !this.#showsByItself(file, unasked)) {
      this.#leave();
      return undefined;
    }

    if (keyOf(file) !== keyOf(this.#file)) {
      this.#leave();
      this.#follow(file);
    }

    const isAsked = this.#isOpen;
    return {path: this.#file?.path, state: this.#state, offset: this.#offset, isAsked};
  }

  #showsByItself(file: PreviewFile | undefined, unasked: Unasked): boolean {
    if (file === undefined || this.#isHidden || unasked === 'never') {
      return false;
    }

    const key = keyOf(file);
    const isKnown = key === keyOf(this.#file) || this.#kept.has(key);
    const isSmall = file.isFolder === true || file.size <= mostUnasked;
    return isKnown || (unasked === 'always' && isSmall);
  }

  move(move: Move): void {
    const last = Math.max(0, this.#length - 1);
    const step =
      'to' in move
        ? move.to === 'top'
          ? -last
          : last - pageLines - this.#offset
        : move.count * linesOf[move.by];
    this.#offset = Math.max(0, Math.min(last, this.#offset + step));
    this.#repainter.now();
  }

  get #length(): number {
    const state = this.#state;
    return state.name === 'text'
      ? state.lines.length
      : state.name === 'bytes'
        ? Math.ceil(state.bytes.length / bytesPerLine)
        : state.name === 'folder'
          ? state.names.length
          : 0;
  }

  #follow(file: PreviewFile | undefined): void {
    this.#file = file;
    const kept = this.#kept.get(keyOf(file));
    this.#state = kept ?? (file === undefined ? {name: 'none'} : {name: 'reading', percent: 0});
    if (file !== undefined && kept === undefined) {
      this.#timer = setTimeout(() => void this.#read(file), restMs).unref();
    }
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#reading?.abort();
    this.#reading = undefined;
    this.#file = undefined;
    this.#state = {name: 'none'};
    this.#offset = 0;
  }

  async #read(file: PreviewFile): Promise<void> {
    const reading = new AbortController();
    const {signal} = reading;
    this.#reading = reading;
    let state: PreviewState;
    try {
      const beginning = await this.#fetch(file, {
        signal,
        onProgress: (bytes, totalBytes) => {
          if (!signal.aborted) {
            this.#state = {name: 'reading', percent: percentOf(bytes, totalBytes)};
            this.#repainter.soon();
          }
        },
      });
      state = 'names' in beginning ? {name: 'folder', ...beginning} : stateOf(beginning);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      state = {name: 'failed', reason: displayName(reason)};
    }

    if (!signal.aborted) {
      this.#state = state;
      if (state.name !== 'failed') {
        this.#keep(keyOf(file), state);
      }

      this.#repainter.soon();
    }
  }

  #keep(key: string, state: PreviewState): void {
    this.#kept.set(key, state);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > mostKept) {
      this.#kept.delete(oldest);
    }
  }
}

function keyOf(file: PreviewFile | undefined): string {
  return file === undefined ? '' : `${file.size} ${file.mtimeMs} ${file.path}`;
}

function stateOf({bytes, size}: FirstBlock): PreviewState {
  const isCut = size > mostBytes;
  // A copy, so that the rest of the block is not kept in memory.
  const shown = bytes.slice(0, mostBytes);
  const decoded = decodeText(shown, isCut);
  if (decoded === undefined) {
    return {name: 'bytes', bytes: shown, isCut};
  }

  const all = decoded.text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  // The line feed of the last line begins no further line.
  const lines = all.at(-1) === '' ? all.slice(0, -1) : all;
  return {
    name: 'text',
    encoding: decoded.encoding,
    lines: lines.slice(0, mostLines).map(lineOf),
    isCut: isCut || lines.length > mostLines,
  };
}

/** A line without control characters: tabs become spaces, and all others are escaped. */
function lineOf(line: string): DisplayText {
  const [first = '', ...others] = line.slice(0, mostColumns).split('\t');
  const spaced = others.reduce(
    (text, part) => `${text}${' '.repeat(tabColumns - (text.length % tabColumns))}${part}`,
    first,
  );
  return displayName(spaced);
}
