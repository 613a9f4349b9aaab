/** Small files of one group that this process or its writer has written, and that are not renamed yet. */
import type {RemoteVersion} from '../../terms/verdict.ts';
import type {SmallFile} from './small-file.ts';

export type Written = {
  readonly file: SmallFile;
  readonly remote: RemoteVersion;
  readonly sha256: string | undefined;
};

export type WrittenFiles = {
  readonly files: readonly Written[];
  /** @throws JangadaError if a file cannot be flushed. */
  flush(): Promise<void>;
  /**
   * Close all files, and rename the wanted ones. A file that cannot be renamed gets the event `failed`. With `failure`,
   * all files fail with its error.
   *
   * @returns the renamed files.
   */
  name(failure: {error: unknown} | undefined): Promise<readonly Written[]>;
};
