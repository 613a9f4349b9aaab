/** What the masks match on the server, each checked before it is believed. */

import {isJangadaError} from '../../../protocol/errors.ts';
import type {Entry} from '../../../protocol/messages.ts';
import {joinRemotePath, parseRemotePath, type RemotePath} from '../../../protocol/remote-path.ts';
import {localName} from '../../transfers/local-name.ts';
import type {Job} from '../job.ts';
import type {Wanted} from './decide.ts';
import {foldsNames} from './folding-disk.ts';
import {mayMatch} from './may-match.ts';
import type {TransferReport} from './report.ts';

/**
 * Files to fetch, in the server's batches. A name that is no path under the root, comes twice,
 * cannot match, or would meet another file's name on this disk is refused by `report`; the
 * others go on.
 */
export async function* foundFiles(
  {client, inputs, options, signal}: Job,
  report: TransferReport,
): AsyncGenerator<readonly Wanted[]> {
  const {server, to, retries} = options;
  // By the form that a disk without regard for case and Unicode form would see.
  const seen = new Map<string, string>();
  let lost = 0;
  for (;;) {
    // What was named before the connection was lost is named again by a search that is begun anew.
    const before = lost > 0 ? new Set(seen.values()) : undefined;
    const known = seen.size;
    try {
      for await (const batch of client.find(inputs, {path: server.path, signal})) {
        const wanted: Wanted[] = [];
        for (const entry of batch) {
          if (before?.delete(entry.name)) {
            continue;
          }

          const why = whyNot(entry, server.path, inputs, seen, to);
          if (why === undefined) {
            const remotePath = joinRemotePath(server.path, entry.name);
            wanted.push({remotePath, folder: to, localPath: entry.name, size: entry.size});
          } else {
            report.refuse(entry.name, why.code, why.reason);
          }
        }

        yield wanted;
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

function whyNot(
  {name, type}: Entry,
  base: RemotePath,
  masks: readonly string[],
  seen: Map<string, string>,
  folder: string,
): Refusal | undefined {
  if (!isBelow(base, name) || type !== 'file') {
    return {code: 'protocol', reason: 'the server named it, but it is no file under the root'};
  }

  if (!mayMatch(name, masks)) {
    return {code: 'protocol', reason: 'the server named it, but it matches no mask'};
  }

  const local = localOf(name);
  const folded = local.normalize('NFC').toLowerCase();
  const other = seen.get(folded);
  if (other === name) {
    return {code: 'protocol', reason: 'the server named it twice'};
  }

  if (other === undefined) {
    seen.set(folded, folded === name ? folded : name);
  } else if (local === localOf(other) || foldsNames(folder)) {
    return {
      code: 'exists',
      reason: 'its name is the same as that of another file here, apart from case or Unicode form',
    };
  }

  return undefined;
}

function isBelow(base: RemotePath, name: string): boolean {
  try {
    joinRemotePath(base, parseRemotePath(name));
    return name !== '';
  } catch {
    return false;
  }
}

function localOf(name: string): string {
  return name
    .split('/')
    .map(part => localName(part))
    .join('/');
}
