/** What the masks match on the server, each name checked before it is believed. */
import {isJangadaError} from '../../../protocol/errors.ts';
import type {Entry} from '../../../protocol/messages.ts';
import {
  joinRemotePath,
  parseRemotePath,
  partialSuffix,
  type RemotePath,
} from '../../../protocol/remote-path.ts';
import type {Job} from '../job.ts';
import type {Wanted} from './decide.ts';
import type {Batch} from './fetch-files.ts';
import {foldsNames} from './folding-disk.ts';
import type {WantedFolder} from './make-folders.ts';
import {mayMatch} from './may-match.ts';
import type {TransferReport} from './report.ts';
import {SeenNames} from './seen-names.ts';

/**
 * Files to fetch, and with `--dirs` folders to make, in the server's batches. A name that is no
 * path under the root, comes twice, cannot match, or would meet another one's name on this disk
 * is refused by `report`; the others go on.
 */
export async function* foundFiles(
  {client, inputs, options, signal}: Job,
  report: TransferReport,
): AsyncGenerator<Batch> {
  const {server, to, retries, dirs} = options;
  const seen = new SeenNames(() => foldsNames(to));
  const refused = new Set<string>();
  let lost = 0;
  for (;;) {
    // What was named before the connection was lost is named again by a search that is begun anew.
    const before = lost > 0 ? new Set([...seen, ...refused]) : undefined;
    const known = seen.size;
    try {
      for await (const batch of client.find(inputs, {path: server.path, folders: dirs, signal})) {
        const files: Wanted[] = [];
        const folders: WantedFolder[] = [];
        for (const {name, type, size} of batch) {
          if (before?.delete(name)) {
            continue;
          }

          const why = whyNot({name, type}, server.path, inputs, dirs) ?? whyNotHere(seen, name);
          if (why !== undefined) {
            refused.add(name);
            report.refuse(name, why.code, why.reason);
          } else {
            const remotePath = joinRemotePath(server.path, name);
            const place = {remotePath, folder: to, localPath: name};
            if (type === 'folder') {
              folders.push(place);
            } else {
              files.push({...place, size});
            }
          }
        }

        yield {files, folders};
      }

      return;
    } catch (error) {
      lost = seen.size > known ? 1 : lost + 1;
      if (!isJangadaError(error, 'connection_lost') || lost > retries) {
        throw error;
      }
    }
  }
}

type Refusal = {code: 'protocol' | 'exists'; reason: string};

/** Why the server should not have named it. */
function whyNot(
  {name, type}: Pick<Entry, 'name' | 'type'>,
  base: RemotePath,
  masks: readonly string[],
  dirs: boolean,
): Refusal | undefined {
  if (!isBelow(base, name) || !(type === 'file' || (type === 'folder' && dirs))) {
    const what = dirs ? 'file or folder' : 'file';
    return {code: 'protocol', reason: `the server named it, but it is no ${what} under the root`};
  }

  if (name.split('/').some(part => part.endsWith(partialSuffix))) {
    return {code: 'protocol', reason: 'the server named it, but it has the name of a partial'};
  }

  if (!mayMatch(name, masks, type === 'folder')) {
    return {code: 'protocol', reason: 'the server named it, but it matches no mask'};
  }

  return undefined;
}

/** Why it cannot have its name here. */
function whyNotHere(seen: SeenNames, name: string): Refusal | undefined {
  switch (seen.add(name)) {
    case 'twice':
      return {code: 'protocol', reason: 'the server named it twice'};
    case 'taken':
      return {
        code: 'exists',
        reason:
          'its name is the same as that of another file or folder here, apart from case or Unicode form',
      };
    case 'new':
      return undefined;
  }
}

function isBelow(base: RemotePath, name: string): boolean {
  try {
    joinRemotePath(base, parseRemotePath(name));
    return name !== '';
  } catch {
    return false;
  }
}
