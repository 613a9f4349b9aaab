import type {Job} from '../job.ts';
import {ChecksumList} from './checksum-list.ts';

/**
 * The list that `--checksums` names, or undefined. Its names are relative to `folder`, or else absolute.
 *
 * @throws JangadaError if the list cannot be opened or made.
 */
export async function openChecksums(
  {options, environment}: Job,
  folder?: string,
): Promise<ChecksumList | undefined> {
  const {checksums: file} = options;
  return file === undefined ? undefined : await ChecksumList.open({file, folder, environment});
}
