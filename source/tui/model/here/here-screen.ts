/** The files on the screen whose local copies are looked up. */
import type {EntryType} from '../../../../protocol/messages.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';

/** What the server has told about a file. */
export type HereRow = {
  readonly path: RemotePath;
  readonly type: EntryType;
  readonly bytes: number;
  readonly mtimeMs: number;
};

/** All files on the screen. */
export type HereScreen = {
  /** The folder on the screen, and whether it is being read. */
  readonly shown: RemotePath;
  readonly isReading: boolean;
  readonly rows: ReadonlyArray<HereRow | undefined>;
  /** Other files, about which the server has told nothing. */
  readonly others: readonly RemotePath[];
};
