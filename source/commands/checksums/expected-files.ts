/** The files that a list of checksums names on a server, each with its expected SHA-256. */
import {JangadaError} from '../../../protocol/errors.ts';
import {
  isRemotePath,
  joinRemotePath,
  type RemotePath,
  rootPath,
} from '../../../protocol/remote-path.ts';
import {statMany} from '../../client/stat-many.ts';
import type {LocalPlaces} from '../../transfers/download/local-places.ts';
import {isPartial} from '../../transfers/download/search.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import type {Job} from '../job.ts';
import type {Batch} from '../transfer/intake/backlog.ts';
import type {TransferReport} from '../transfer/report.ts';
import {type ChecksumLine, checksumKey} from './checksum-line.ts';
import {readList} from './read-checksums.ts';

/** Names in one request to the server. */
const namesAtOnce = 512;

/** A file of the list: its path on the server, and below the target folder. */
type NamedFile = {remotePath: RemotePath; name: RemotePath; sha256: string};

/**
 * Files to fetch, in the order of the list. `report` refuses bad lines, names that cannot be fetched, and files that
 * the server does not have; the others go on.
 *
 * @throws JangadaError `local_io` if `list` cannot be read or is not a list of checksums; errors that concern all
 * files.
 */
export async function* expectedFiles(
  list: string,
  {client, options, signal}: Job,
  places: LocalPlaces,
  report: TransferReport,
): AsyncGenerator<Batch> {
  const {lines, bad} = await readList(list);
  for (const number of bad) {
    report.refuse(`${list}:${number}`, 'local_io', 'it is not a line of SHA-256 checksums');
  }

  const named = namedFiles(lines, options.server.path, report);
  for (let from = 0; from < named.length; from += namesAtOnce) {
    const next = named.slice(from, from + namesAtOnce);
    const paths = next.map(({remotePath}) => remotePath);
    const found = await statMany(client, paths, {signal});
    const files: WantedFile[] = [];
    for (const [index, {remotePath, name, sha256}] of next.entries()) {
      const entry = found[index];
      if (entry === undefined || entry instanceof JangadaError || entry.type !== 'file') {
        const {code, message} =
          entry instanceof JangadaError
            ? entry
            : new JangadaError('not_a_file', 'It is not a file on the server');
        report.refuse(name, code, message);
        continue;
      }

      const taken = places.take(name);
      if (taken === undefined) {
        const expect = {kind: 'sha256', hex: sha256} as const;
        files.push({remotePath, folder: options.to, localPath: name, size: entry.size, expect});
      } else {
        report.refuse(name, taken.code, taken.reason);
      }
    }

    yield {files, folders: []};
  }
}

/** Each file once. */
function namedFiles(
  lines: readonly ChecksumLine[],
  base: RemotePath,
  report: TransferReport,
): NamedFile[] {
  // A name with several digests gets an empty one: none of them can be trusted.
  const digests = new Map<string, string>();
  for (const {name, sha256} of lines) {
    const key = keyOf(name);
    digests.set(key, (digests.get(key) ?? sha256) === sha256 ? sha256 : '');
  }

  const named: NamedFile[] = [];
  for (const [name, sha256] of digests) {
    const isBelow = isRemotePath(name) && (base === rootPath || isRemotePath(`${base}/${name}`));
    if (!isBelow || name === rootPath) {
      report.refuse(name, 'unsafe_target', 'it is not a path under the served folder');
    } else if (isPartial(name)) {
      report.refuse(name, 'unsafe_target', 'it has the name of a partial');
    } else if (sha256 === '') {
      report.refuse(name, 'unexpected', 'the list has two different digests for it');
    } else {
      named.push({remotePath: joinRemotePath(base, name), name, sha256});
    }
  }

  return named;
}

/** As elsewhere on a command line, one slash at the front is ignored. */
function keyOf(name: string): string {
  return checksumKey(name).replace(/^\//, '');
}
