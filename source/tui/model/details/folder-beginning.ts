/** The first names in a folder of the server, for a preview without opening it. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {Entry} from '../../../../protocol/messages.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {compareNames} from '../files/table/natural-order.ts';

export type FolderBeginning = {
  /** Folders first, each with a slash at its end. */
  readonly names: readonly DisplayText[];
  /** Whether the folder has more entries, which were not read. */
  readonly isCut: boolean;
};

/** Further entries are left out: no user scrolls that far here. */
const mostEntries = 1000;

/**
 * The entries that the server lists first, in order.
 *
 * @throws JangadaError `not_found`, `not_a_folder`, `forbidden`, `aborted`.
 */
export async function folderBeginning(
  client: Pick<Client, 'list'>,
  path: RemotePath,
  {signal}: {signal: AbortSignal},
): Promise<FolderBeginning> {
  const entries: Entry[] = [];
  for await (const batch of client.list(path, {signal})) {
    entries.push(...batch);
    if (entries.length > mostEntries) {
      break;
    }
  }

  const names = entries
    .slice(0, mostEntries)
    .sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name))
    .map(({name, type}) => displayName(type === 'folder' ? `${name}/` : name));
  return {names, isCut: entries.length > mostEntries};
}

function rank({type}: Entry): number {
  return type === 'folder' ? 0 : 1;
}
