import type {WantedFile} from '../../transfers/terms/new-transfer.ts';

/** A folder to make, its place named as that of a file is. */
export type WantedFolder = Omit<WantedFile, 'size'>;

/** A folder that is here now; `target` is its absolute path. */
export type FolderHere = Pick<WantedFile, 'remotePath'> & {target: string; made: boolean};
