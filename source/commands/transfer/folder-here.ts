import type {WantedFile} from '../../transfers/terms/new-transfer.ts';

/** A folder to make; its fields are those of a file. */
export type WantedFolder = Omit<WantedFile, 'size'>;

/** A folder that exists now; `target` is its absolute path. */
export type FolderHere = Pick<WantedFile, 'remotePath'> & {target: string; made: boolean};
