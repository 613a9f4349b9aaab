/** The files on the screen, of which somebody wants to know what is here. */
import type {EntryType} from '../../../../protocol/messages.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';

/** The facts about a file that the server has told. */
export type HereRow = {
  readonly path: RemotePath;
  readonly type: EntryType;
  readonly bytes: number;
  readonly mtimeMs: number;
};

/** All that is on the screen. */
export type HereScreen = {
  /** The folder that is shown, and whether it is being read. */
  readonly shown: RemotePath;
  readonly isReading: boolean;
  readonly rows: ReadonlyArray<HereRow | undefined>;
  /** Other files, of which the server's facts are not known. */
  readonly others: readonly RemotePath[];
};
